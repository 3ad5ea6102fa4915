import Foundation
import TestPostgres
import TestRedis
import Testing
import WorkerKit

/// A migrated database and a Redis server, with what runs beside them over one data folder.
struct ServerPair {
  let database: PostgresDatabase
  let redis: RedisServer
  private let files: PipelineFiles

  /// Runs `body` beside a database of its own, on the shared server or another, and a Redis server of its own.
  static func run(on server: PostgresServer? = nil, _ body: (ServerPair) async throws -> Void) async throws {
    let server = if let server { server } else { try await PostgresServer.shared() }
    try await server.withDatabase(from: .migrated) { database in
      let pair = ServerPair(
        database: database, redis: try await RedisServer.start(), files: try PipelineFiles(["saves": saves]))
      try await database.grantRights()
      try await body(pair)
    }
  }

  /// The data folder.
  var folder: URL { files.folder }

  /// What a process is told of the servers: a role that owns nothing.
  var variables: [String: String] {
    ["MILLRACE_DATABASE_URL": database.serverURL, "MILLRACE_QUEUE_URL": redis.url]
  }

  /// Every save becomes a revision.
  private static let saves = """
    pipeline: saves
    trigger: { event: DocumentSaved }
    stages:
      persist:
        uses: autosave.persist
        retry: { attempts: 20, backoff: { initial: 100ms, max: 1s } }
        with:
          document: "${event.resource.id}"
          revision: "${event.payload.revision}"
          content: "${event.payload.content}"
    """

  /// Puts a pipeline's file into the folder.
  func write(_ name: String, _ text: String) throws { try files.write(text, to: "\(name).yaml") }

  /// Takes a pipeline's file away.
  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(files.path)/\(name).yaml") }

  /// Starts a dispatcher on a free port; `queue` takes the place of the queue's address, an empty one takes it away.
  func dispatcher(
    _ arguments: [String] = [], command: String = "dispatcher", queue: String? = nil
  ) async throws -> RunningServer {
    var variables = variables
    if let queue { variables["MILLRACE_QUEUE_URL"] = queue }
    return try await RunningServer(
      folder: folder, command: command, arguments: files.arguments + arguments, variables: variables)
  }

  /// Starts a worker for every queue.
  func worker(_ arguments: [String] = []) throws -> RunningWorker {
    try RunningWorker(folder, arguments: ["--lease", "2"] + arguments, variables: variables)
  }

  /// Waits until `/health/ready` answers with this status.
  func ready(_ api: ServerAPI, _ status: Int) async throws -> String {
    let answer = try await api.poll({ try await api.answer("/health/ready") }) { $0.status == status }
    return answer.body.prettyText()
  }
}
