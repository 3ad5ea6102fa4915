import FoundationEssentials
import SQLiteDriver
import WorkerKit
import WorkerKitTesting

extension SeamDriver {
  /// Every pair of drivers that is to keep the seam.
  static let all: [SeamDriver] = [.inMemory, .coupledInMemory, .sqlite, .sqliteStoreAlone, .postgresStore]

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

  static func temporaryFolder() throws -> String {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("millrace-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }
}
