import Foundation
import TestPostgres
import TestRedis
import Testing

/// What a process says that cannot use its servers, and how it ends.
@Suite("Mistakes beside servers", .timeLimit(.minutes(5)))
struct ServerMistakeTests {
  private static let commands = [["dispatcher", "--listen", "127.0.0.1:0"], ["worker"]]

  @Test("What a person has to mend ends the process with a message, and without the password")
  func refuses() async throws {
    let (server, redis) = (try await PostgresServer.shared(), try await RedisServer.start())
    let guarded = try await RedisServer.start(["--requirepass", "sesame"])
    try await server.withDatabase { database in
      let bare = ["MILLRACE_DATABASE_URL": database.url, "MILLRACE_QUEUE_URL": redis.url]
      for command in Self.commands {
        try await Self.check(command, bare, 1, "run millrace migrate")
        let wrong = server.url(database.name, password: "sesame")
        try await Self.check(command, bare.merging(["MILLRACE_DATABASE_URL": wrong]) { $1 }, 1, "postgres_password")
      }
      try #require(try await Command.run(["migrate"], variables: bare).status == 0)
      let locked = bare.merging(["MILLRACE_QUEUE_URL": guarded.url]) { $1 }
      for command in Self.commands { try await Self.check(command, locked, 1, "redis_no_password") }
      try await database.psql(
        "INSERT INTO millrace.migrations SELECT 'millrace', max(number) + 1, 'later', 'x' FROM millrace.migrations")
      for command in Self.commands { try await Self.check(command, bare, 1, "schema_too_new") }
    }
  }

  @Test("A stage that asks for a process that could not reach the database is refused with its file")
  func refusesWalls() async throws {
    try await ServerPair.run { pair in
      let saves = CheckTests.good.replacing("uses:", with: "isolation: { process: true }\n    uses:")
      try pair.write("walls", saves)
      let data = ["--data", pair.folder.path, "--listen", "127.0.0.1:0", "--pipelines"]
      for command in ["dispatcher", "serve"] {
        let result = try await Command.run(
          [command] + data + [pair.folder.appending(path: "pipelines").path], variables: pair.variables)
        #expect(result.status == 1)
        #expect(result.errors.contains("walls.yaml:5:5: error P035: "), "\(result.errors)")
      }
    }
  }

  @Test("A queue without a database, neither, or an address that is none is wrong usage")
  func complains() async throws {
    let one = ["MILLRACE_DATABASE_URL": "postgres://a:sesame@127.0.0.1/x"]
    for command in Self.commands + [["serve"]] {
      try await Self.check(command, ["MILLRACE_QUEUE_URL": "redis://:sesame@127.0.0.1"], 2, "--database postgres://")
      try await Self.check(command, one.merging(["MILLRACE_QUEUE_URL": "http://sesame"]) { $1 }, 2, "redis://")
    }
    for command in ["dispatcher", "serve"] {
      try await Self.check([command, "--queue", "postgres", "--event-stream", "x"], one, 2, "--queue redis://host")
    }
    try await Self.check(["dispatcher"], [:], 2, "millrace serve")
    try await Self.check(["worker"], [:], 2, "--queues")
  }

  private static func check(
    _ command: [String], _ variables: [String: String], _ status: Int32, _ part: String
  ) async throws {
    let folder = try RunningServer.newFolder().path
    let result = try await Command.run(command + ["--data", folder], variables: variables)
    #expect(result.status == status, "\(command): \(result.errors)")
    #expect(result.errors.contains(part), "\(command): \(result.errors)")
    #expect(!result.output.contains("listening"), "\(command): \(result.output)")
    #expect(!(result.errors + result.output).contains("sesame"), "\(command): \(result.errors)")
  }
}
