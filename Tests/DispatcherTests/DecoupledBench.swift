import Dispatcher
import SQLiteDriver
import Testing
import WorkerKit
import WorkerKitTesting

/// A store in a file and a queue that is elsewhere, so that what is committed has to be handed over.
final class DecoupledBench: Sendable {
  let folder: TemporaryFolder
  let time = ManualTime()
  let environment: Environment
  let store: FaultyStore
  let queue: FaultyQueue
  let metrics = Metrics()
  let logs = LogRecorder()
  private let storeFile: SQLiteDatabase

  init() throws {
    folder = try TemporaryFolder()
    environment = .test(seed: 2, time: time)
    storeFile = try SQLiteDatabase(path: folder.path + "/store.db")
    store = FaultyStore(SQLiteStore(database: storeFile, environment: environment))
    queue = FaultyQueue(InMemoryQueue(environment: environment))
  }

  var services: APIServices {
    APIServices(
      store: store, queue: queue, library: PipelineLibrary(),
      planner: Planner(registry: WorkerRegistry(), environment: environment),
      environment: environment, metrics: metrics,
      log: logs.logger, arrivals: Signal())
  }

  func reconciler() -> Reconciler {
    Reconciler(store: store, queue: queue, environment: environment, metrics: metrics, log: logs.logger)
  }

  /// One run of one job for every event.
  var plan: RoutePlanner {
    { [environment] _ in
      let job = NewJob(
        id: JobID(environment.id()), stage: "only", worker: "test.work", queue: .standard,
        input: .resolved(Array("{}".utf8)))
      return [
        NewRun(
          id: RunID(environment.id()), pipeline: "test", revision: "none", plan: RunPlan(jobs: [job]))
      ]
    }
  }

  /// Commits a job, and pushes it or not.
  func startJob(event id: String = "e1", pushing: Bool = true) async throws -> Job {
    let event = EventEnvelope(id: EventID(id), type: "Test", occurredAt: time.now, tenant: "acme", payload: [:])
    _ = try await store.record([event])
    let result = try await store.route(limit: 100, plan: plan)
    if pushing { try await Courier(store: store, queue: queue).deliver(result.handoff) }
    return try #require(try await store.jobs(JobFilter()).first)
  }

  func lease(for length: Duration = .seconds(15)) async throws -> Lease {
    let request = LeaseRequest(queue: .standard, limit: 1, length: length, host: "host", wait: .zero)
    return try #require(try await queue.lease(request).first)
  }

  /// Settles, and does not tell the queue: the host died in between.
  func settle(_ lease: Lease, as outcome: Outcome) async throws -> SettleAnswer {
    let settlement = Settlement(authority: lease.authority, outcome: outcome, host: "host", startedAt: time.now)
    let result = try await store.settle([settlement]) { _ in
      RunPlan(state: outcome.failure == nil ? .succeeded : .failed)
    }
    return try #require(result.answers.first)
  }

  func startDeadLetter(event: String = "e1") async throws -> Job {
    let job = try await startJob(event: event)
    let lease = try await lease()
    #expect(try await settle(lease, as: .failed(Failure(.permanent, "broken", "It is broken."))) == .settled)
    _ = try await queue.finish([lease.authority])
    return try #require(try await store.job(job.id))
  }
}
