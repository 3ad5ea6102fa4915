import SQLiteDriver
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Jobs are found by their ids, whatever these are", .timeLimit(.minutes(5)))
struct JobNamingTests {
  private static let run = RunID("01RUN000000000000000000001")
  private static let stages = (0..<40).map { StageName("stage-\($0)") }

  /// Ids as planners derive them, drawn ones, and some that look derived and are not.
  private static func id(_ number: Int) -> JobID {
    switch number % 4 {
    case 0, 1: JobID(run: run, stage: stages[number])
    case 2: JobID("drawn\(number)")
    default: JobID("\(run)-other-\(number)")
    }
  }

  private func route(_ jobs: [NewJob], in embedded: SQLiteEmbedded) async throws {
    let moment = Timestamp(milliseconds: 0)
    let event = EventEnvelope(id: "event", type: "Checked", occurredAt: moment, tenant: "acme", payload: [:])
    #expect(try await embedded.store.record([event]) == [.accepted])
    let run = NewRun(id: Self.run, pipeline: "checks", revision: "0", plan: RunPlan(jobs: jobs))
    _ = try await embedded.store.route(limit: 1) { _ in [run] }
  }

  private static func job(_ id: JobID, _ stage: StageName) -> NewJob {
    NewJob(id: id, stage: stage, worker: "checks.work", queue: .standard, input: .resolved(Array("{}".utf8)))
  }

  @Test("Each is found, loaded and settled under its own id, and no other is found in its place")
  func findsEach() async throws {
    try await Notebook.withStore { embedded async throws in
      try await route(Self.stages.enumerated().map { Self.job(Self.id($0), $1) }, in: embedded)
      for (number, stage) in Self.stages.enumerated() {
        let job = try #require(try await embedded.store.job(Self.id(number)))
        #expect(job.id == Self.id(number))
        #expect(job.stage == stage)
      }
      #expect(try await embedded.store.job(JobID(run: Self.run, stage: Self.stages[2])) == nil)
      #expect(try await embedded.store.job(JobID(run: "another", stage: Self.stages[0])) == nil)
      let request = LeaseRequest(
        queue: .standard, limit: 100, length: .seconds(15), host: "host", wait: .zero)
      let leases = try await embedded.queue.lease(request)
      #expect(leases.map(\.authority.job) == Self.stages.indices.map(Self.id))
      let settlements = leases.map {
        Settlement(
          authority: $0.authority, outcome: .succeeded(output: Array("{}".utf8), artifacts: []), host: "host",
          startedAt: nil)
      }
      let result = try await embedded.store.settle(settlements) { _ in RunPlan(state: .succeeded) }
      #expect(result.answers.allSatisfy { $0 == .settled })
      let jobs = try await embedded.store.jobs(of: Self.run)
      #expect(jobs.count == Self.stages.count && jobs.allSatisfy { $0.standing.state == .succeeded })
    }
  }

  @Test("Each element of a stage's list has one job, found by its own id, before and after the run's sixteenth")
  func findsElements() async throws {
    try await Notebook.withStore { embedded async throws in
      func element(_ index: Int, id: JobID? = nil) -> NewJob {
        var job = Self.job(id ?? JobID(run: Self.run, stage: "each", index: index), "each")
        (job.index, job.priority, job.lease) = (index, .high, .seconds(index + 1))
        return job
      }
      let twice = [element(3, id: "another"), element(999, id: "yet-another")]
      try await route((0..<1000).map { element($0) } + twice + [Self.job("drawn", "each")], in: embedded)
      let jobs = try await embedded.store.jobs(of: Self.run)
      #expect(jobs.map(\.index) == (0..<1000).map { $0 } + [nil])
      for index in [0, 1, 10, 15, 16, 999] {
        let job = try #require(try await embedded.store.job(JobID("\(Self.run)-each.\(index)")))
        #expect(
          job.index == index && job.stage == "each" && job.id == JobID(run: Self.run, stage: "each", index: index))
        #expect(job.priority == .high && job.lease == .seconds(index + 1))
      }
      #expect(try await embedded.store.job(JobID(run: Self.run, stage: "each", index: 1000)) == nil)
      #expect(try await embedded.store.job(JobID(run: Self.run, stage: "each")) == nil)
      #expect(try await embedded.store.job("drawn")?.index == nil)
    }
  }

  @Test("A stage has one job, whatever ids a plan gives to others")
  func hasOneJobAStage() async throws {
    try await Notebook.withStore { embedded async throws in
      let derived = JobID(run: Self.run, stage: "work")
      try await route([Self.job(derived, "work"), Self.job("drawn", "work")], in: embedded)
      #expect(try await embedded.store.jobs(of: Self.run).map(\.id) == [derived])
    }
  }
}
