import PostgreSQLDriver
import RedisDriver
import SQLiteDriver
import WorkerKit
import WorkerKitTesting

/// The store and the queue that are measured.
struct Parts {
  /// What they are, for the line above the figures.
  let name: String
  let store: any JobStore
  let queue: any JobQueue
  let close: @Sendable () async -> Void

  /// A PostgreSQL store where its address is given, with a queue beside it, in Redis or in
  /// memory; else both in one SQLite file.
  init(_ settings: Settings, folder: String) async throws {
    if let address = settings.postgres {
      let configuration = try PostgresConfiguration(address)
      let migrator = PostgresMigrator(configuration)
      _ = try await migrator.migrate()
      await migrator.close()
      let pool = PostgresPool(configuration: configuration)
      let store = PostgresStore(pool: pool, environment: .system)
      if settings.queue == "postgres" {
        let queue = PostgresQueue(pool: pool, environment: .system)
        try await queue.open(store.epoch())
        (name, self.store, self.queue) = ("PostgreSQL alone", store, queue)
        close = {
          await queue.close()
          await pool.close()
        }
      } else if let address = settings.queue {
        let queue = RedisQueue(RedisSettings(try RedisAddress(url: address)), environment: .system)
        try await queue.open(store.epoch())
        (name, self.store, self.queue) = ("PostgreSQL store, queue in Redis", store, queue)
        close = {
          await queue.close()
          await pool.close()
        }
      } else {
        let queue = InMemoryQueue(environment: .system)
        try await queue.open(store.epoch())
        (name, self.store, self.queue) = ("PostgreSQL store, queue in memory", store, queue)
        close = { await pool.close() }
      }
    } else {
      let path = settings.database ?? "\(folder)/bench.db"
      let embedded = try SQLiteEmbedded(path: path, environment: .system)
      (name, store, queue) = ("SQLite WAL synchronous=FULL", embedded.store, embedded.queue)
      close = { await embedded.database.close() }
    }
  }
}
