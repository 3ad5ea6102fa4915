import PostgreSQLDriver
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

  /// A PostgreSQL store with a queue in memory where an address is given, else both in one SQLite file.
  init(_ settings: Settings, folder: String) async throws {
    if let address = settings.postgres {
      let pool = PostgresPool(configuration: try PostgresConfiguration(address))
      let queue = InMemoryQueue(environment: .system)
      let store = PostgresStore(pool: pool, environment: .system)
      try await queue.open(store.epoch())
      (name, self.store, self.queue) = ("PostgreSQL store, queue in memory", store, queue)
      close = { await pool.close() }
    } else {
      let path = settings.database ?? "\(folder)/bench.db"
      let embedded = try SQLiteEmbedded(path: path, environment: .system)
      (name, store, queue) = ("SQLite WAL synchronous=FULL", embedded.store, embedded.queue)
      close = { await embedded.database.close() }
    }
  }
}
