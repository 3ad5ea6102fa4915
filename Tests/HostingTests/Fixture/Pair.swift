import FoundationEssentials
import SQLiteDriver
import Testing
import WorkerKit
import WorkerKitTesting

/// The pairs of drivers that hosts are tested with.
enum Pair: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case inMemory = "in memory"
  case sqlite = "SQLite, store and queue in one file"

  var testDescription: String { rawValue }

  func open(_ environment: Environment) throws -> SeamPair {
    switch self {
    case .inMemory:
      return SeamPair(store: InMemoryStore(environment: environment), queue: WipeableQueue(environment: environment))
    case .sqlite:
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent("millrace-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let embedded = try SQLiteEmbedded(path: "\(folder)/millrace.db", environment: environment)
      return SeamPair(store: embedded.store, queue: embedded.queue) {
        await embedded.database.close()
        try? FileManager.default.removeItem(atPath: folder)
      }
    }
  }
}
