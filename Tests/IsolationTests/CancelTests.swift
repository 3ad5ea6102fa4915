import Foundation
import Logging
import TestProcesses
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("A job in a process of its own that is cancelled", .timeLimit(.minutes(5)))
struct CancelTests {
  /// What the host knows of the worker that is in the other program.
  private struct Described: Worker {
    struct Options: WorkerOptions {
      static let how = OptionField<String>("how", "What to do.")
      static let text = OptionField<String>("text", "Anything.")
      static var fields: [OptionDescription] { [how.description, text.description] }
      init(_ reader: OptionReader) throws(OptionProblem) {}
    }
    struct Output: WorkerOutput {
      static let fields = [OutputField("answer", "What came of it.")]
      var json: JSON { [:] }
    }
    static let name: WorkerName = "test.misbehave"
    static let summary = "Does what no worker should."
    func run(_ options: Options, context: WorkerContext) async throws -> Output { Output() }
  }

  private static let pipeline = """
    pipeline: bad
    trigger: { event: Started }
    stages:
      step:
        uses: test.misbehave
        with: { how: hang, text: "${event.payload.path}" }
        isolation: { process: true }

    """

  @Test("its process is dead after one renewal, and nothing is settled")
  func ends() async throws {
    let environment = Environment.test(seed: 1)
    let time = try #require(environment.time as? ManualTime)
    let (store, queue) = (InMemoryStore(environment: environment), InMemoryQueue(environment: environment))
    var registry = WorkerRegistry()
    try registry.describe(Described.self)
    let announcement = Announcement()
    let job = try await start(announcement.path, store, queue, environment, registry)
    try await Apart.with { apart async throws in
      let ticker = ManualTicker()
      let host = Host(
        configuration: HostConfiguration(
          id: "host-1", lanes: [HostLane(queue: .standard, concurrency: 1)], leaseLength: .seconds(15)),
        services: HostServices(
          store: store, queue: queue, registry: registry, library: PipelineLibrary(), environment: environment,
          metrics: Metrics(), log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, isolated: apart.program),
        ticker: ticker)
      async let running: Void = host.run()
      let process = try #require(await announcement.process())
      // While its lane is busy: one that waited for work would wait for a clock that stands still.
      host.stop()
      let result = try await store.cancel([CancelRequest(.job(job), by: "ann", reason: "No.")]) { _ in RunPlan() }
      _ = try await queue.revoke(result.jobs)
      time.advance(by: .seconds(5))
      try await ticker.beat()
      await waitForEnd(of: process)
      ticker.beatFreely()
      await running
    }
    #expect(try await store.job(job)?.standing.state == .cancelled)
    #expect(try await store.attempts(of: job).map(\.outcome) == ["cancelled"])
  }

  /// Starts the one job of a run.
  private func start(
    _ path: String, _ store: InMemoryStore, _ queue: InMemoryQueue, _ environment: Environment,
    _ registry: WorkerRegistry
  ) async throws -> JobID {
    let (set, _) = PipelineSet.load(files: [("bad.yaml", Self.pipeline)], registry: nil)
    _ = try await store.activate(set.revisions)
    let event = EventEnvelope(
      id: "event-1", type: "Started", occurredAt: environment.time.now, tenant: "acme",
      payload: ["path": .string(path)])
    _ = try await store.record([event])
    let planner = Planner(registry: registry, environment: environment)
    let plan = PipelineLibrary().routePlanner(set, planner: planner)
    let result = try await store.route(limit: 10, plan: plan)
    try await Courier(store: store, queue: queue).deliver(result.handoff)
    return try #require(try await store.jobs(JobFilter()).first?.id)
  }
}
