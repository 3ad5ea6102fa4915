import Foundation
import TestPostgres
import TestProcesses
import TestRedis
import Testing
import Yams

/// The files under `docker` are right as far as that can be seen without containers: what they name is there, and what
/// they run is run here, beside servers of the tests.
@Suite("Files of a deployment", .timeLimit(.minutes(5)))
struct DeploymentFileTests {
  private static let folder = Page.root.appending(path: "docker")

  private static func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  private static func services() throws -> [String: [String: Any]] {
    let file = try #require(try Yams.load(yaml: try text("compose.yaml")) as? [String: Any])
    return try #require(file["services"] as? [String: [String: Any]])
  }

  private static func words(of service: String) throws -> [String] {
    try #require(try services()[service]?["command"] as? [String], "\(service)")
  }

  /// How the database is asked whether it is well.
  private static func probe() throws -> [String] {
    let check = try #require(try services()["postgres"]?["healthcheck"] as? [String: Any])
    let words = try #require(check["test"] as? [String])
    try #require(words.first == "CMD")
    return Array(words.dropFirst())
  }

  @Test("compose.yaml runs commands that there are, with options that they have, two and three times")
  func composes() async throws {
    let services = try Self.services()
    #expect(Set(services.keys) == ["postgres", "redis", "migrate", "dispatcher", "worker"])
    for (name, count) in [("migrate", nil), ("dispatcher", 2), ("worker", 3)] {
      let service = try #require(services[name])
      #expect((service["deploy"] as? [String: Int])?["replicas"] == count)
      #expect(service["image"] as? String == "millrace", "The common settings are merged in.")
      let words = try Self.words(of: name)
      let help = try await Command.run([words[0], "--help"])
      #expect(help.status == 0, "\(words)")
      for option in words where option.hasPrefix("--") { #expect(help.output.contains("\(option) <"), "\(option)") }
      // What waits for others waits for services that there are.
      let needs = try #require(service["depends_on"] as? [String: [String: String]])
      for (other, need) in needs {
        #expect(services[other] != nil)
        if need["condition"] == "service_healthy" { #expect(services[other]?["healthcheck"] != nil, "\(other)") }
      }
    }
  }

  @Test("Its commands, as they stand there, take saves and keep them")
  func runs() async throws {
    let redis = try Self.words(of: "redis")
    try #require(redis.first == "redis-server")
    let queue = try await RedisServer.start(Array(redis.dropFirst()))
    let postgres = try await PostgresServer.shared()
    let probe = try Self.probe()
    #expect(try await Program("env", ["PGPORT=\(postgres.port)"] + probe).run().status == 0)
    try await postgres.withDatabase { database in
      let environment = try #require(try Self.services()["dispatcher"]?["environment"] as? [String: String])
      #expect(Set(environment.keys) == ["MILLRACE_DATABASE_URL", "MILLRACE_QUEUE_URL", "MILLRACE_TOKEN"])
      let token = "a token of the tests"
      let variables = [
        "MILLRACE_DATABASE_URL": database.url, "MILLRACE_QUEUE_URL": queue.url, "MILLRACE_TOKEN": token,
      ]
      let folder = try RunningServer.newFolder()
      let places = [
        "/data": folder.appending(path: "data").path, "/pipelines": Uploads.pipelines, "0.0.0.0:7380": "0.0.0.0:0",
      ]
      func words(_ service: String) throws -> [String] { try Self.words(of: service).map { places[$0] ?? $0 } }
      #expect(try await Command.run(words("migrate"), variables: variables).status == 0)
      // The last --data is the one that counts.
      var dispatchers: [RunningServer] = []
      for _ in 0..<2 {
        let words = try words("dispatcher")
        dispatchers.append(
          try await RunningServer(
            folder: folder, command: words[0], arguments: Array(words.dropFirst()), variables: variables))
      }
      let workers = try (0..<3).map { _ in
        try RunningWorker(folder, arguments: Array(words("worker").dropFirst()), variables: variables)
      }
      for worker in workers { _ = try await worker.hostProcess() }
      for (index, dispatcher) in dispatchers.enumerated() {
        let emitted = try await dispatcher.command(
          [
            "emit", "--type", "DocumentSaved", "--tenant", "t1", "--resource", "document:doc-\(index)", "--payload",
            #"{"revision": 1, "content": "a"}"#,
          ], variables: ["MILLRACE_TOKEN": token])
        #expect(emitted.status == 0, "\(emitted.errors)")
      }
      while try await database.psql("SELECT count(*) FROM millrace.autosave_revisions") != "2" {
        try Task.checkCancellation()
      }
      for worker in workers { #expect(try await worker.stop() == 0, "\(worker.errorText)") }
      for dispatcher in dispatchers { #expect(try await dispatcher.stop() == 0, "\(dispatcher.errorText)") }
    }
  }
}
