import Foundation
import Synchronization
import TestPostgres
import TestRedis
import Testing

/// What stands for the files of data folders where a test runs on servers: a database for each, and a Redis database
/// where the queue is there.
///
/// A server that is started again over a folder finds what it left.
final class FolderDatabases: Sendable {
  /// Those of the test that runs; nil where store and queue are in data folders.
  @TaskLocal static var current: FolderDatabases?

  private struct Pair {
    let database: PostgresDatabase
    let queue: String

    var variables: [String: String] { ["MILLRACE_DATABASE_URL": database.url, "MILLRACE_QUEUE_URL": queue] }
  }

  private let pairs = Mutex<[String: Pair]>([:])
  private let set: ServerSet

  init(_ set: ServerSet) { self.set = set }

  /// What processes over a folder are told; nothing where they find everything in the folder. The first one of a
  /// folder gets databases of its own, which are empty but for tables.
  static func variables(for folder: URL) async throws -> [String: String] {
    guard let current else { return [:] }
    if let known = current.pairs.withLock({ $0[folder.path] }) { return known.variables }
    let isAlone = current.set == .database
    let pair = try await Pair(
      database: PostgresServer.shared().newDatabase(from: .migrated),
      queue: isAlone ? "postgres" : "\(SharedRedis.server.value.url)/\(SharedRedis.nextDatabase())")
    current.pairs.withLock { $0[folder.path] = pair }
    return pair.variables
  }

  /// What a process is told that joins those over a folder.
  static func variables(joining folder: URL) -> [String: String] {
    current?.pairs.withLock { $0[folder.path] }?.variables ?? [:]
  }

  /// Removes the databases with what may still use them.
  func drop() async {
    for pair in pairs.withLock({ $0.values }) { await pair.database.drop() }
  }
}

extension PostgresTemplate {
  /// A database as `millrace migrate` leaves it.
  static let migrated = PostgresTemplate("end_to_end") { database in
    let result = try await Command.run(["migrate"], variables: ["MILLRACE_DATABASE_URL": database.url])
    try #require(result.status == 0, "\(result.errors)")
  }
}

/// One Redis server for all tests, with a database for each folder.
private enum SharedRedis {
  private static let count = 10_000
  private static let used = Atomic(0)
  static let server = Task { try await RedisServer.start(["--databases", "\(count)"]) }

  static func nextDatabase() -> Int { used.add(1, ordering: .relaxed).oldValue % count }
}
