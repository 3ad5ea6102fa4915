import SQLiteDriver
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("A run with more jobs than there are numbers for", .timeLimit(.minutes(5)))
struct RunSizeTests {
  /// The most jobs that a run may have.
  private static let most = 131_072

  private func record(_ ids: [EventID], in store: SQLiteStore) async throws {
    let events = ids.map {
      EventEnvelope(id: $0, type: "Checked", occurredAt: Timestamp(milliseconds: 0), tenant: "acme", payload: [:])
    }
    _ = try await store.record(events)
  }

  private static func jobs(_ stage: StageName, _ count: Int, of run: RunID) -> [NewJob] {
    (0..<count).map { index in
      var job = NewJob(
        id: JobID(run: run, stage: stage, index: index), stage: stage, worker: "checks.work", queue: .standard,
        input: .resolved(Array("{}".utf8)))
      job.index = index
      return job
    }
  }

  /// One run for each event, with so many jobs.
  private static func plan(_ counts: [EventID: Int]) -> RoutePlanner {
    { event in
      let run = RunID("run-of-\(event.id)")
      let jobs = jobs("first", counts[event.id] ?? 1, of: run)
      return [NewRun(id: run, pipeline: "checks", revision: "0", plan: RunPlan(jobs: jobs))]
    }
  }

  @Test("One that begins so is kept aside, and the others go on")
  func keepsAside() async throws {
    try await Notebook.withStore { embedded async throws in
      try await record(["small", "large", "after"], in: embedded.store)
      let plan = Self.plan(["large": Self.most + 1])
      let result = try await embedded.store.route(limit: 9, plan: plan)
      #expect(result.routed == 2)
      #expect(result.failed == ["large"])
      #expect(try await embedded.store.run("run-of-large") == nil)
      let replay = EventReplay(id: "again", events: [1], by: "ann", reason: "To see.")
      let again = try await embedded.store.replayEvents(
        replay, plan: Self.plan(["small": Self.most + 1]), next: { _ in RunPlan() })
      #expect(again.answers == [.failed])
    }
  }

  @Test("One that comes to it is refused with what to do, and is as it was; so many jobs are held")
  func refusesToGrow() async throws {
    try await Notebook.withStore { embedded async throws in
      try await record(["large"], in: embedded.store)
      let result = try await embedded.store.route(limit: 9, plan: Self.plan(["large": Self.most - 1]))
      #expect(result.jobs == Self.most - 1)
      let request = LeaseRequest(queue: .standard, limit: 2, length: .seconds(15), host: "host", wait: .zero)
      let leases = try await embedded.queue.lease(request)
      let settlements = leases.map {
        Settlement(
          authority: $0.authority, outcome: .succeeded(output: Array("{}".utf8), artifacts: []), host: "host",
          startedAt: nil)
      }
      try #require(settlements.count == 2)
      let error = await #expect(throws: DriverError.self) {
        try await embedded.store.settle([settlements[0]]) { RunPlan(jobs: Self.jobs("second", 2, of: $0.id)) }
      }
      #expect(error?.kind == .refused)
      #expect(error?.code == "run_too_large")
      #expect(error?.detail == "131072 jobs")
      #expect(try await embedded.store.job(leases[0].authority.job)?.standing.state == .queued)
      let last = try await embedded.store.settle([settlements[1]]) {
        RunPlan(jobs: Self.jobs("second", 1, of: $0.id))
      }
      #expect(last.answers == [.settled])
      let job = try await embedded.store.job(JobID(run: "run-of-large", stage: "second", index: 0))
      #expect(job?.standing.state == .queued)
    }
  }
}
