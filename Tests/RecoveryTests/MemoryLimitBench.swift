import Dispatcher
import Foundation
import Logging
import PostgreSQLDriver
import RedisDriver
import TestPostgres
import TestRedis
import Testing
import WorkerKit
import WorkerKitTesting

/// A dispatcher and a host of one queue, in a Redis server with little memory.
struct MemoryLimitBench: Sendable {
  let redis: RedisServer
  private let node: RecoveryNode
  private let arrivals = Signal()
  private let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  /// Runs `body` beside servers that have nothing yet.
  static func run(_ body: (MemoryLimitBench) async throws -> Void) async throws {
    try await PostgresServer.shared().withDatabase { database in
      let migrator = PostgresMigrator(try PostgresConfiguration(database.url))
      _ = try await migrator.migrate()
      await migrator.close()
      let redis = try await RedisServer.start(["--maxmemory-policy", "noeviction"])
      let node = try RecoveryNode(
        database: database.url, redis: RedisAddress(.socket(path: redis.socket)),
        environment: Environment(time: FastTime(), random: SystemRandom()))
      let result: Result<Void, any Error>
      do {
        try await QueueRecovery(store: node.store, queue: node.queue).open()
        result = .success(try await body(MemoryLimitBench(redis: redis, node: node)))
      } catch {
        result = .failure(error)
      }
      await node.close()
      try result.get()
    }
  }

  private init(redis: RedisServer, node: RecoveryNode) {
    self.redis = redis
    self.node = node
  }

  var metrics: Metrics { node.metrics }

  /// How many events wait to be routed.
  func unrouted() async throws -> Int { try await node.store.unroutedCount() }

  /// Leaves the server so much memory beyond what it uses now.
  func limitMemory(to bytes: Int) async throws {
    let used = try await redis.command("INFO", "memory").split(whereSeparator: \.isNewline)
      .first { $0.hasPrefix("used_memory:") }
    let number = try #require(used.flatMap { Int($0.dropFirst("used_memory:".count)) })
    #expect(try await redis.command("CONFIG", "SET", "maxmemory", "\(number + bytes)") == "OK")
  }

  /// How often the server has refused something for want of memory.
  func refusals() async throws -> Int {
    let line = try await redis.command("INFO", "errorstats").split(whereSeparator: \.isNewline)
      .first { $0.hasPrefix("errorstat_OOM:count=") }
    return line.flatMap { Int($0.dropFirst("errorstat_OOM:count=".count)) } ?? 0
  }

  func record(_ count: Int) async throws {
    for start in stride(from: 0, to: count, by: 1000) {
      let events = (start..<min(start + 1000, count)).map { number in
        EventEnvelope(
          id: EventID("event-\(number)"), type: "Test", occurredAt: node.environment.time.now, tenant: "acme",
          payload: [:])
      }
      _ = try await node.store.record(events)
    }
  }

  /// Routes and reconciles until the task is cancelled.
  func dispatch() async {
    let pressure = BackPressure(
      store: node.store, queue: node.queue, queues: { [.standard] }, environment: node.environment,
      metrics: node.metrics, log: log)
    let router = EventRouter(
      store: node.store, queue: node.queue, plan: Self.plan(node.environment), next: { _ in RunPlan() },
      arrivals: arrivals, pulse: Pulse(time: node.environment.time), environment: node.environment,
      metrics: node.metrics, log: log, pressure: pressure)
    let reconciler = Reconciler(
      store: node.store, queue: node.queue, environment: node.environment, metrics: node.metrics, log: log)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await router.run() }
      group.addTask { await reconciler.run() }
    }
  }

  /// Does jobs as a host does until so many were settled; gives whose they were.
  func work(_ count: Int) async throws -> [JobID] {
    var done: [JobID] = []
    while done.count < count {
      try Task.checkCancellation()
      let request = LeaseRequest(
        queue: .standard, limit: 200, length: RecoveryNode.leaseLength, host: "host", wait: .seconds(1))
      let leases = try await node.queue.lease(request)
      guard !leases.isEmpty else { continue }
      let settlements = leases.map { lease in
        Settlement(
          authority: lease.authority, outcome: .succeeded(output: Array("{}".utf8), artifacts: []), host: "host",
          startedAt: node.environment.time.now)
      }
      let answers = try await node.store.settle(settlements) { _ in RunPlan(state: .succeeded) }.answers
      let over = zip(leases, answers).filter { $0.1 != .stale }.map(\.0.authority)
      _ = try await node.queue.finish(over)
      done += zip(leases, answers).filter { $0.1 == .settled }.map(\.0.authority.job)
    }
    return done
  }

  /// One run of one job for every event.
  private static func plan(_ environment: Environment) -> RoutePlanner {
    { event in
      let job = NewJob(
        id: JobID("job-of-\(event.id.rawValue)"), stage: "only", worker: "test.work", queue: .standard,
        input: .resolved(Array("{}".utf8)))
      return [
        NewRun(id: RunID(environment.id()), pipeline: "test", revision: "none", plan: RunPlan(jobs: [job]))
      ]
    }
  }
}
