import Dispatcher
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Pruner")
struct PrunerTests {
  @Test func whatIsOverAndOldLeavesInStepsAndIsCounted() async throws {
    let bench = try DecoupledBench()
    let moment = bench.time.now
    let events = (0..<450).map { number in
      EventEnvelope(id: EventID("e\(number)"), type: "Test", occurredAt: moment, tenant: "acme", payload: [:])
    }
    _ = try await bench.store.record(events)
    _ = try await bench.store.route(limit: 1000) { _ in [] }
    _ = try await bench.startDeadLetter(event: "dead")
    bench.time.advance(by: .seconds(31 * 86_400))

    let pruner = Pruner(
      store: bench.store, policy: RetentionPolicy(), environment: bench.environment, metrics: bench.metrics,
      log: bench.logs.logger)
    try await pruner.pruneAll()
    #expect(try await bench.store.events(id: "e0", tenant: nil).isEmpty)
    #expect(try await bench.store.deadLetterCount() == 1)
    #expect(bench.metrics.value(of: MetricName.pruned, "events") == 450)
    #expect(bench.store.faults.calls(of: .prune) == 4)

    bench.time.advance(by: .seconds(60 * 86_400))
    try await pruner.pruneAll()
    #expect(try await bench.store.deadLetterCount() == 0)
    #expect(bench.metrics.value(of: MetricName.pruned, "dead_letters") == 1)
    #expect(bench.logs.text.contains("left by age"))
  }

  @Test func whatStandsBesideRunsIsCountedApart() async throws {
    let bench = try DecoupledBench()
    for digit in ["1", "2"] {
      let hash = RevisionHash(String(repeating: digit, count: 64))
      let revision = PipelineRevision(pipeline: "media", hash: hash, source: "pipeline: media")
      _ = try await bench.store.activate(FolderOffer(folder: "one", revisions: [revision]))
    }
    let job = try await bench.startDeadLetter(event: "dead").id
    let wish = ReplayRequest(job: job, fence: .first, by: "ada", reason: "The cause is mended.")
    _ = try await bench.store.replay([wish]) { _ in RunPlan(state: .running) }
    _ = try await bench.store.cancel([CancelRequest(.job(job), by: "ada", reason: "No.")]) { _ in
      RunPlan(state: .cancelled)
    }
    bench.time.advance(by: .seconds(366 * 86_400))
    let pruner = Pruner(
      store: bench.store, policy: RetentionPolicy(), environment: bench.environment, metrics: bench.metrics,
      log: bench.logs.logger)
    try await pruner.pruneAll()
    #expect(bench.metrics.value(of: MetricName.pruned, "audit") == 2)
    #expect(bench.metrics.value(of: MetricName.pruned, "activations") == 1)
    #expect(bench.metrics.value(of: MetricName.pruned, "revisions") == 1)
  }

  @Test func whatWasSupersededLeavesAfterADayAndIsCountedApart() async throws {
    let bench = try DecoupledBench()
    let window = JobOrdering.Window(key: "document", quiet: .seconds(1), maxWait: .seconds(1))
    for number in 0..<3 {
      let event = EventEnvelope(
        id: EventID("e\(number)"), type: "Test", occurredAt: bench.time.now, tenant: "acme", payload: [:])
      _ = try await bench.store.record([event])
      let plan = bench.plan
      let ordered: RoutePlanner = { event in
        try plan(event).map { run in
          var jobs = run.plan.jobs
          for index in jobs.indices { jobs[index].ordering = JobOrdering(window: window) }
          return NewRun(id: run.id, pipeline: run.pipeline, revision: run.revision, plan: RunPlan(jobs: jobs))
        }
      }
      _ = try await bench.store.route(limit: 9, plan: ordered) { _ in RunPlan(state: .succeeded) }
    }
    let pruner = Pruner(
      store: bench.store, policy: RetentionPolicy(), environment: bench.environment, metrics: bench.metrics,
      log: bench.logs.logger)
    bench.time.advance(by: .seconds(86_401))
    try await pruner.pruneAll()
    #expect(bench.metrics.value(of: MetricName.pruned, "superseded_runs") == 2)
    #expect(bench.metrics.value(of: MetricName.pruned, "finished_runs") == 0)
    #expect(try await bench.store.jobs(JobFilter()).map(\.standing.state) == [.queued])
  }
}
