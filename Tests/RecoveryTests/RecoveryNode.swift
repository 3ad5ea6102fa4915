import Dispatcher
import DriverThreads
import Logging
import PostgreSQLDriver
import RedisDriver
import WorkerKit

/// What one process of a production set-up has: connections of its own to both servers.
struct RecoveryNode: Sendable {
  let store: any JobStore
  let queue: any JobQueue
  let close: @Sendable () async -> Void
  let environment: Environment
  let metrics = Metrics()
  private let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  static let leaseLength = Duration.seconds(15)

  /// - Parameter redis: Where Redis is; nil for a queue in the database.
  init(database: String, redis: RedisAddress?, environment: Environment) throws {
    var configuration = try PostgresConfiguration(database)
    configuration.connections = 4
    let pool = PostgresPool(configuration: configuration)
    store = PostgresStore(pool: pool, environment: environment)
    let time = environment.time
    let now: @Sendable () -> Int64 = { 1_767_225_600_000 + time.monotonic.milliseconds }
    self.environment = environment
    guard let redis else {
      let queue = PostgresQueue(pool: pool, environment: environment, clock: .given(now))
      self.queue = queue
      close = {
        await queue.close()
        await pool.close()
      }
      return
    }
    let queue = RedisQueue(
      RedisSettings(redis), environment: environment, clock: .given(now))
    self.queue = queue
    close = {
      await queue.close()
      await pool.close()
    }
  }

  /// Works as a host until the task is cancelled.
  func work(as id: HostID, effects: Effects) async throws {
    let ticker = KeeperThread(interval: .milliseconds(50))
    defer { ticker.close() }
    let configuration = HostConfiguration(
      id: id, lanes: [HostLane(queue: .standard, concurrency: 8)], leaseLength: Self.leaseLength, grace: .seconds(5))
    let services = HostServices(
      store: store, queue: queue, registry: try Self.registry(effects), library: PipelineLibrary(),
      environment: environment, metrics: metrics, log: log)
    await Host(configuration: configuration, services: services, ticker: ticker).run()
  }

  /// Routes and reconciles as a dispatcher until the task is cancelled.
  func dispatch(_ set: PipelineSet, arrivals: Signal, effects: Effects) async throws {
    let library = PipelineLibrary()
    let planner = Planner(registry: try Self.registry(effects), environment: environment)
    let pressure = BackPressure(
      store: store, queue: queue, queues: { planner.queues(of: set) }, environment: environment, metrics: metrics,
      log: log)
    let router = EventRouter(
      store: store, queue: queue, plan: library.routePlanner(set, planner: planner),
      next: library.settlePlanner(planner), arrivals: arrivals, pulse: Pulse(time: environment.time),
      environment: environment, metrics: metrics, log: log, pressure: pressure)
    let reconciler = Reconciler(
      store: store, queue: queue, environment: environment, metrics: metrics, log: log)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await router.run() }
      group.addTask { await reconciler.run() }
    }
  }

  /// Leases a job and does nothing with it, as a host does that hangs; asks until there is one.
  func leaseOne() async throws -> Lease {
    let request = LeaseRequest(
      queue: .standard, limit: 1, length: Self.leaseLength, host: "hanging", wait: .seconds(1))
    while true {
      try Task.checkCancellation()
      do throws(DriverError) {
        if let lease = try await queue.lease(request).first { return lease }
      } catch {
        guard error.isTransient else { throw error }
      }
    }
  }

  /// Settles with success what such a host has held.
  func settle(_ lease: Lease) async throws -> SettleAnswer? {
    let settlement = Settlement(
      authority: lease.authority, outcome: .succeeded(output: Array("{}".utf8), artifacts: []), host: "hanging",
      startedAt: environment.time.now)
    return try await store.settle([settlement]) { _ in RunPlan(state: .succeeded) }.answers.first
  }

  private static func registry(_ effects: Effects) throws -> WorkerRegistry {
    var registry = WorkerRegistry()
    try registry.register(RecoveryWorker(effects: effects))
    return registry
  }
}
