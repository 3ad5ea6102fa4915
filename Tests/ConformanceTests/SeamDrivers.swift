import FoundationEssentials
import RedisDriver
import SQLiteDriver
import TestRedis
import WorkerKit
import WorkerKitTesting

extension SeamDriver {
  /// Every pair of drivers that is to keep the seam; with `MILLRACE_TEST_SERVERS=embedded` those without a server.
  static let all = isLocal ? local : local + onServers

  private static let isLocal = ProcessInfo.processInfo.environment["MILLRACE_TEST_SERVERS"] == "embedded"

  private static let local: [SeamDriver] = [.inMemory, .coupledInMemory, .sqlite, .sqliteStoreAlone]
  private static let onServers: [SeamDriver] = [
    .redis, .redisCluster, .sqliteAndRedis, .postgresStore, .postgresAndRedis, .postgresAlone,
  ]

  /// Store and queue in one file, as the embedded default has them.
  static let sqlite = SeamDriver("SQLite, store and queue in one file") { environment in
    let folder = try temporaryFolder()
    let embedded = try SQLiteEmbedded(path: "\(folder)/millrace.db", environment: environment)
    return SeamPair(store: embedded.store, queue: embedded.queue) {
      await embedded.database.close()
      try? FileManager.default.removeItem(atPath: folder)
    }
  }

  /// The store of a file with a queue elsewhere: handoffs are real.
  static let sqliteStoreAlone = SeamDriver("SQLite store, queue in memory") { environment in
    let folder = try temporaryFolder()
    let database = try SQLiteDatabase(path: "\(folder)/millrace.db")
    return SeamPair(
      store: SQLiteStore(database: database, environment: environment), queue: InMemoryQueue(environment: environment)
    ) {
      await database.close()
      try? FileManager.default.removeItem(atPath: folder)
    }
  }

  /// A queue in a real server.
  static let redis = SeamDriver("Store in memory, queue in Redis") { environment in
    let queue = try await redisQueue(environment)
    return SeamPair(store: InMemoryStore(environment: environment), queue: queue) { await queue.close() }
  }

  /// A queue in a real cluster.
  static let redisCluster = SeamDriver("Store in memory, queue in a Redis Cluster") { environment in
    let address = try RedisAddress(url: try await RedisClusterSet.shared().url)
    let queue = redisQueue(at: address, environment)
    return SeamPair(store: InMemoryStore(environment: environment), queue: queue) { await queue.close() }
  }

  /// The store of a file with a queue in a real server.
  static let sqliteAndRedis = SeamDriver("SQLite store, queue in Redis") { environment in
    let folder = try temporaryFolder()
    let database = try SQLiteDatabase(path: "\(folder)/millrace.db")
    let queue = try await redisQueue(environment)
    return SeamPair(store: SQLiteStore(database: database, environment: environment), queue: queue) {
      await queue.close()
      await database.close()
      try? FileManager.default.removeItem(atPath: folder)
    }
  }

  /// A queue under a prefix of its own, by the check's clock: nobody can set the server's.
  static func redisQueue(_ environment: Environment) async throws -> RedisQueue {
    redisQueue(at: RedisAddress(.socket(path: try await RedisServer.shared().socket)), environment)
  }

  private static func redisQueue(at address: RedisAddress, _ environment: Environment) -> RedisQueue {
    RedisQueue(
      RedisSettings(address, prefix: UUID().uuidString), environment: environment,
      clock: .given { 1_767_225_600_000 + environment.time.monotonic.milliseconds })
  }

  static func temporaryFolder() throws -> String {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("millrace-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }
}
