import Dispatcher
import HTTPDriver
import Logging
import SQLiteDriver
import Testing
import WorkerKit
import WorkerKitTesting

/// A dispatcher's parts over a database of its own, and the verbs of a host, step by step.
final class TestBench: Sendable {
  let folder: TemporaryFolder
  let time = ManualTime()
  let environment: Environment
  let embedded: SQLiteEmbedded
  let store: FaultyStore
  let queue: FaultyQueue
  let library = PipelineLibrary()
  let metrics = Metrics()
  let logs = LogRecorder()
  let arrivals = Signal()
  let planner: Planner

  static let pipeline = """
    pipeline: media
    trigger: { event: MediaUploaded }
    stages:
      scan:
        uses: media.scan
        with: { object: "${event.payload.object}" }
      index:
        uses: search.index
        needs: [scan]
        with: { verdict: "${scan.verdict}" }
    """

  init() throws {
    folder = try TemporaryFolder()
    environment = .test(seed: 1, time: time)
    embedded = try SQLiteEmbedded(path: folder.path + "/test.db", environment: environment)
    store = FaultyStore(embedded.store)
    queue = FaultyQueue(embedded.queue)
    planner = Planner(registry: WorkerRegistry(), environment: environment)
  }

  var services: APIServices { services(checks: []) }

  func services(checks: [ReadinessCheck] = [], pressure: BackPressure? = nil) -> APIServices {
    APIServices(
      store: store, queue: queue, library: library, planner: planner, environment: environment, metrics: metrics,
      log: logs.logger,
      arrivals: arrivals, checks: checks, pressure: pressure)
  }

  func pipelines() throws -> PipelineSet { PipelineSet([try Pipeline.compile(Self.pipeline, file: "media.yaml")]) }

  /// Watches the queues of the pipeline.
  func pressure(jobs: Int = 1000, events: Int = 1000) throws -> BackPressure {
    let (planner, pipelines) = (planner, try pipelines())
    return BackPressure(
      store: store, queue: queue, highWater: HighWater(jobs: jobs, events: events),
      queues: { planner.queues(of: pipelines) }, environment: environment, metrics: metrics, log: logs.logger)
  }

  func router(
    plan: RoutePlanner? = nil, pulse: Pulse? = nil, pressure: BackPressure? = nil
  ) throws -> EventRouter {
    EventRouter(
      store: store, queue: queue, plan: try plan ?? library.routePlanner(pipelines(), planner: planner),
      next: library.settlePlanner(planner),
      arrivals: arrivals, pulse: pulse ?? Pulse(time: time), environment: environment, metrics: metrics,
      log: logs.logger, pressure: pressure)
  }

  func event(_ id: String, tenant: String = "acme", source: String = "api", type: String = "MediaUploaded")
    -> EventEnvelope
  {
    EventEnvelope(
      id: EventID(id), source: source, type: type, occurredAt: time.now, tenant: TenantID(tenant),
      payload: ["object": "cat.png"])
  }

  /// Records an event and routes it; the run's first job.
  func startJob(event id: String = "e1") async throws -> Job {
    _ = try await store.record([event(id)])
    try await router().routeWaiting()
    let newest = try await store.jobs(JobFilter())
    return try #require(newest.first)
  }

  /// Leases one job, as a host does.
  func lease(for length: Duration = .seconds(15)) async throws -> Lease {
    let request = LeaseRequest(queue: .standard, limit: 1, length: length, host: "host", wait: .zero)
    return try #require(try await queue.lease(request).first)
  }

  func settle(_ lease: Lease, as outcome: Outcome) async throws -> SettleAnswer {
    let settlement = Settlement(authority: lease.authority, outcome: outcome, host: "host", startedAt: time.now)
    let result = try await store.settle([settlement], plan: library.settlePlanner(planner))
    return try #require(result.answers.first)
  }

  /// A dead letter.
  func startDeadLetter(event id: String = "e1") async throws -> Job {
    let job = try await startJob(event: id)
    let failure = Failure(.permanent, "truncated_picture", "The picture ends too early.")
    #expect(try await settle(lease(), as: .failed(failure)) == .settled)
    return try #require(try await store.job(job.id))
  }
}
