import PostgreSQLDriver
import RedisDriver
import TestPostgres
import WorkerKit
import WorkerKitTesting

extension SeamDriver {
  /// A store on a real server, with a queue in memory: handoffs are real.
  static let postgresStore = SeamDriver("PostgreSQL store, queue in memory") { environment in
    let pool = try await PostgresStage.shared.take()
    let store = PostgresStore(pool: pool, environment: environment)
    return SeamPair(store: store, queue: InMemoryQueue(environment: environment)) {
      await PostgresStage.shared.giveBack(pool)
    }
  }
}

extension SeamDriver {
  /// What production runs: a store and a queue on real servers.
  static let postgresAndRedis = SeamDriver("PostgreSQL store, queue in Redis") { environment in
    let pool = try await PostgresStage.shared.take()
    let queue = try await redisQueue(environment)
    return SeamPair(store: PostgresStore(pool: pool, environment: environment), queue: queue) {
      await queue.close()
      await PostgresStage.shared.giveBack(pool)
    }
  }
}

extension SeamDriver {
  /// A store and a queue in one database, without another server.
  static let postgresAlone = SeamDriver("PostgreSQL alone") { environment in
    let pool = try await PostgresStage.shared.take()
    let queue = PostgresQueue(
      pool: pool, environment: environment,
      clock: .given { 1_767_225_600_000 + environment.time.monotonic.milliseconds })
    return SeamPair(store: PostgresStore(pool: pool, environment: environment), queue: queue) {
      await queue.close()
      await PostgresStage.shared.giveBack(pool)
    }
  }
}

/// Lends out databases that hold the store's tables and no rows, as a role that owns none of them and has the rights
/// that the documents name. Emptying one takes a hundredth of the time that making
/// one takes, so that they are used again.
actor PostgresStage {
  static let shared = PostgresStage()
  private var free: [PostgresPool] = []
  private var made = 0

  func take() async throws -> PostgresPool {
    guard let pool = free.popLast() else { return try await make() }
    do {
      try await pool.write { transaction in
        for statement in Self.emptying { try transaction.run(statement) }
      }
    } catch {
      await pool.close()
      throw error
    }
    return pool
  }

  /// Takes a database back; it is emptied when it is needed again.
  func giveBack(_ pool: PostgresPool) { free.append(pool) }

  private func make() async throws -> PostgresPool {
    made += 1
    let name = "conformance_\(made)"
    let server = try await PostgresServer.shared()
    try await server.psql("CREATE DATABASE \(name) OWNER \(PostgresServer.role)")
    let configuration = try PostgresConfiguration(server.url(name))
    let migrator = PostgresMigrator(configuration)
    _ = try await migrator.migrate()
    await migrator.close()
    let database = PostgresDatabase(server: server, name: name)
    try await database.grantRights()
    return PostgresPool(configuration: try PostgresConfiguration(database.serverURL))
  }

  private static let emptying =
    [
      "events", "event_keys", "unrouted", "routings", "runs", "run_standings", "live", "progress", "jobs", "dead",
      "attempts", "audit", "handoffs", "windows", "turns", "executions", "sharers", "revisions", "activations",
      "schedules", "event_replays", "replayed_events", "kinds", "queue_open", "queue_lanes", "queue_turns",
      "queue_turns_served", "queue_limits", "queue_entries", "queue_awaited", "pauses",
    ].map { "DELETE FROM \($0)" } + ["UPDATE meta SET value = CASE key WHEN 'pauses' THEN 0 ELSE 1 END"]
}
