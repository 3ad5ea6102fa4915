import SQLiteDriver
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("The clock of a queue in a file", .timeLimit(.minutes(5)))
struct QueueClockTests {
  private let time = ManualTime()
  private let request = LeaseRequest(queue: .standard, limit: 5, length: .seconds(15), host: "host", wait: .zero)

  private func withFile(_ body: (SQLiteEmbedded, Notebook) async throws -> Void) async throws {
    try await Notebook.open { notebook async throws in
      let embedded = try open(notebook)
      let result: Result<Void, any Error>
      do { result = .success(try await body(embedded, notebook)) } catch { result = .failure(error) }
      await embedded.database.close()
      try result.get()
    }
  }

  private func open(_ notebook: Notebook, on time: ManualTime? = nil) throws(DriverError) -> SQLiteEmbedded {
    try SQLiteEmbedded(path: notebook.path, environment: .test(seed: 1, time: time ?? self.time))
  }

  private func route(_ stages: [StageName], in embedded: SQLiteEmbedded) async throws {
    let id = EventID("\(stages)")
    let event = EventEnvelope(id: id, type: "Checked", occurredAt: time.now, tenant: "acme", payload: [:])
    #expect(try await embedded.store.record([event]) == [.accepted])
    let jobs = stages.map { stage in
      NewJob(
        id: JobID(stage.rawValue), stage: stage, worker: "checks.work", queue: .standard,
        input: .resolved(Array("{}".utf8)))
    }
    let run = NewRun(id: RunID("run of \(stages)"), pipeline: "checks", revision: "0", plan: RunPlan(jobs: jobs))
    #expect(try await embedded.store.route(limit: 1) { _ in [run] }.jobs == stages.count)
  }

  private func retry(_ lease: Lease, after wait: Duration, in embedded: SQLiteEmbedded) async throws {
    let failure = Failure(.transient, "again", "Again.")
    let settlement = Settlement(
      authority: lease.authority, outcome: .retry(failure, after: wait), host: "host", startedAt: nil)
    #expect(try await embedded.store.settle([settlement]) { _ in RunPlan() }.answers == [.settled])
  }

  private func lease(_ embedded: SQLiteEmbedded) async throws -> [JobID] {
    try await embedded.queue.lease(request).map(\.authority.job)
  }

  @Test("A step of the wall clock ends no lease and no delay, and lengthens none: scenario 19")
  func ignoresSteps() async throws {
    try await withFile { embedded, _ async throws in
      try await route(["now", "later"], in: embedded)
      let leases = try await embedded.queue.lease(request)
      let later = try #require(leases.last)
      try await retry(later, after: .seconds(60), in: embedded)
      time.step(by: .seconds(3600))
      #expect(try await embedded.queue.expired(limit: 9).isEmpty)
      #expect(try await lease(embedded).isEmpty)
      time.step(by: .seconds(-7200))
      time.advance(by: .seconds(15))
      let expired = try await embedded.queue.expired(limit: 9)
      #expect(expired.map(\.claim) == [FencedJob(job: "now", fence: .first)])
      #expect(try await embedded.store.reissue(expired.map(\.claim), because: .lost).answers == [.raised])
      #expect(try await lease(embedded) == ["now"])
      time.advance(by: .seconds(44))
      #expect(try await lease(embedded).isEmpty)
      time.advance(by: .seconds(1))
      let again = try await embedded.queue.lease(request)
      #expect(again.map(\.authority.job) == ["later"])
      guard case .job(let job)? = try await embedded.store.load(again).first else {
        Issue.record("What the queue granted is not loaded.")
        return
      }
      #expect(job.id == "later")
    }
  }

  @Test("A job that is made after a step is found by its entry")
  func findsEntriesAfterAStep() async throws {
    try await withFile { embedded, _ async throws in
      try await route(["before"], in: embedded)
      time.step(by: .seconds(-3600))
      try await route(["after"], in: embedded)
      let known = try await embedded.queue.known([FencedJob(job: "after", fence: .first)])
      #expect(known == [.waiting])
      #expect(try await lease(embedded) == ["before", "after"])
    }
  }

  @Test("Whoever opens the file shares its clock, and another start of the machine begins anew")
  func isShared() async throws {
    try await withFile { embedded, notebook async throws in
      try await route(["now"], in: embedded)
      time.step(by: .seconds(3600))
      let second = try open(notebook)
      #expect(try await lease(second) == ["now"])
      #expect(try await embedded.queue.expired(limit: 9).isEmpty)
      await second.database.close()
      let restarted = try open(notebook, on: ManualTime(start: time.now))
      try await route(["next"], in: restarted)
      #expect(try await restarted.queue.expired(limit: 9).count == 1)
      #expect(try await lease(restarted) == ["next"])
      await restarted.database.close()
    }
  }

  @Test("The machine names its last start")
  func namesTheStart() {
    let time = SystemTime()
    #expect(time.monotonicOrigin.count == 36)
    #expect(time.monotonicOrigin == SystemTime().monotonicOrigin)
    #expect(time.monotonic > .zero)
  }
}
