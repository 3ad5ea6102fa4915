import Foundation
import PostgreSQLDriver
import RedisDriver
import SQLiteDriver
import WorkerKit

/// Store and queue of a server, opened beside it, where the test itself is a worker.
struct TestStores {
  let store: any JobStore
  let queue: any JobQueue
  let close: @Sendable () async -> Void

  /// Opens what a server over this folder uses.
  static func open(_ folder: URL) throws -> TestStores {
    let variables = FolderDatabases.variables(joining: folder)
    guard let database = variables["MILLRACE_DATABASE_URL"], let address = variables["MILLRACE_QUEUE_URL"] else {
      let embedded = try SQLiteEmbedded(path: folder.appending(path: "data/millrace.db").path, environment: .system)
      return TestStores(store: embedded.store, queue: embedded.queue) { await embedded.database.close() }
    }
    let pool = PostgresPool(configuration: try PostgresConfiguration(database))
    if address == "postgres" {
      let queue = PostgresQueue(pool: pool, environment: .system)
      return TestStores(store: PostgresStore(pool: pool, environment: .system), queue: queue) {
        await queue.close()
        await pool.close()
      }
    }
    let queue = RedisQueue(RedisSettings(try RedisAddress(url: address)), environment: .system)
    return TestStores(store: PostgresStore(pool: pool, environment: .system), queue: queue) {
      await queue.close()
      await pool.close()
    }
  }
}
