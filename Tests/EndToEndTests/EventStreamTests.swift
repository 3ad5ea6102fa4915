import Foundation
import TestPostgres
import TestRedis
import Testing
import WorkerKit

/// Events that others add to a Redis stream, with processes of their own beside real servers.
@Suite("Events by a Redis stream", .serialized)
struct EventStreamTests {
  private static let stream = "millrace:events"

  private static func add(_ event: String, _ pair: ServerPair, to stream: String = stream) async throws {
    let id = try await pair.redis.command("XADD", stream, "*", "event", event)
    #expect(id.wholeMatch(of: /\d+-\d+/) != nil, "\(id)")
  }

  private static func save(_ document: String, _ pair: ServerPair) async throws {
    try await add(Uploads.saved(document, 1).text(), pair)
  }

  /// Somebody who took ten entries a minute ago, and died.
  private static func leaveToOthers(_ pair: ServerPair) async throws {
    try await pair.redis.command("XGROUP", "CREATE", stream, "millrace", "0")
    let taken = try await pair.redis.command(
      "XREADGROUP", "GROUP", "millrace", "dead", "COUNT", "10", "STREAMS", stream, ">")
    let ids = taken.split(separator: "\n").map(String.init).filter { $0.wholeMatch(of: /\d+-\d+/) != nil }
    #expect(ids.count == 10)
    try await pair.redis.command(
      ["XCLAIM", stream, "millrace", "dead", "0"] + ids + ["IDLE", "60000", "JUSTID"])
  }

  /// What `millrace intake dead` lists.
  private static func dead(_ pair: ServerPair) async throws -> [JSON] {
    let listed = try await Command.run(["intake", "dead", "--json"], variables: pair.variables)
    #expect(listed.status == 0, "\(listed.errors)")
    guard case .array(let letters)? = try JSONReader.parse(listed.output)["dead"] else { return [] }
    return letters
  }

  private static func wait(for jobs: Int, _ api: ServerAPI, _ pair: ServerPair) async throws {
    #expect(try await api.ended(jobs).count { $0["state"] == "SUCCEEDED" } == jobs)
    _ = try await api.poll({ try await pair.redis.command("XLEN", stream) }) { $0 == "0" }
  }

  @Test("each is done once, however often it comes and whoever dies with it; bad ones are replayed after a repair")
  func takes() async throws {
    try await ServerPair.run { pair in
      let schemas = pair.folder.appending(path: "pipelines/events")
      try FileManager.default.createDirectory(at: schemas, withIntermediateDirectories: true)
      let schema = schemas.appending(path: "DocumentSaved.schema.json")
      try Data(#"{"type": "object", "properties": {"revision": {"maximum": 5}}}"#.utf8).write(to: schema)
      for number in 1...20 { try await Self.save("first-\(number)", pair) }
      try await Self.leaveToOthers(pair)

      let dispatchers = [try await pair.dispatcher(), try await pair.dispatcher()]
      let worker = try pair.worker()
      let api = try ServerAPI(dispatchers[0])
      for number in 1...15 { try await Self.save("first-\(number)", pair) }
      for number in 1...20 { try await Self.save("second-\(number)", pair) }
      try await Self.add("{", pair)
      try await Self.add(Uploads.saved("third", 9).text(), pair)
      try await Self.wait(for: 40, api, pair)

      let letters = try await Self.dead(pair)
      #expect(Set(letters.map { $0["code"]?.string }) == ["not_json", "breaks_schema"])
      try FileManager.default.removeItem(at: schema)
      for letter in letters {
        let id = try #require(letter["id"]).string
        let isJSON = letter["code"] == "breaks_schema"
        let mended = isJSON ? [] : ["--event", Uploads.saved("fourth", 1).text()]
        let replayed = try await Command.run(["intake", "replay", id] + mended, variables: pair.variables)
        #expect(replayed.status == 0 && replayed.output == "1 entry replayed.\n", "\(replayed.errors)")
      }
      // A dispatcher that has not seen yet that the schema is gone refuses it once more.
      _ = try await api.poll({ () async throws -> String in
        _ = try await Command.run(["intake", "replay", "--all"], variables: pair.variables)
        return try await pair.database.psql("SELECT count(*) FROM millrace.autosave_revisions")
      }) { $0 == "42" }
      try await Self.wait(for: 42, api, pair)
      #expect(try await Self.dead(pair).isEmpty)
      #expect(try await pair.ready(api, 200).contains("event stream"))
      for server in dispatchers { #expect(try await server.stop() == 0, "\(server.errorText)") }
      #expect(try await worker.stop() == 0, "\(worker.errorText)")
      let consumers = try await pair.redis.command("XINFO", "CONSUMERS", Self.stream, "millrace")
      #expect(consumers.split(separator: "\n").count { $0 == "name" } == 1, "Only the dead one is left: \(consumers)")
    }
  }

  @Test("a stream of another name is taken, or none")
  func names() async throws {
    try await ServerPair.run { pair in
      let other = try await pair.dispatcher(["--event-stream", "app:events"])
      let none = try await pair.dispatcher(["--no-event-stream"])
      try await Self.save("unread", pair)
      try await Self.add(Uploads.saved("read", 1).text(), pair, to: "app:events")
      try await Self.add("[]", pair, to: "app:events")
      let api = try ServerAPI(none)
      _ = try await api.poll({ try await pair.redis.command("XLEN", "app:events") }) { $0 == "0" }
      let answer = try await api.answer("/v1/events/read-1?tenant_id=t1")
      #expect(answer.status == 200)
      let listed = try await Command.run(["intake", "dead", "--event-stream", "app:events"], variables: pair.variables)
      #expect(listed.output.contains("not_an_event"), "\(listed.errors)")
      #expect(try await !pair.ready(api, 200).contains("event stream"))
      #expect(try await pair.redis.command("XLEN", Self.stream) == "1")
      #expect(try await pair.redis.command("XINFO", "GROUPS", Self.stream).isEmpty)
      for server in [other, none] { #expect(try await server.stop() == 0, "\(server.errorText)") }
    }
  }

  @Test("what makes no sense is said, with the code that it deserves")
  func mistakes() async throws {
    let redis = try await RedisServer.start()
    let variables = ["MILLRACE_QUEUE_URL": redis.url]
    for (arguments, status, words) in [
      (["intake", "dead", "--limit", "0"], 2, "--limit is a number from 1 to 1000."),
      (["intake", "dead", "x"], 2, "'x' is no id of a dead letter"),
      (["intake", "dead", "1-1"], 1, "there is no dead letter '1-1'; 'millrace intake dead' tells which there are"),
      (["intake", "dead", "1-1", "--after", "1-1"], 2, "--after goes with no id"),
      (["intake", "dead", "--event-stream", "a{b}"], 2, "A stream's name has 1 to 200 bytes and no braces."),
      (["intake", "dead", "--queue", "http://127.0.0.1"], 2, "A Redis URL begins with redis://"),
      (["intake", "dead", "--queue", "redis://127.0.0.1:1"], 3, "redis_unreachable"),
      (["intake", "dead", "--queue", redis.url + "/99"], 1, "redis_database"),
      (["intake", "replay"], 2, "Name dead letters, or say --all."),
      (["intake", "replay", "--all", "1-1"], 2, "Name dead letters, or say --all."),
      (["intake", "replay", "--all", "--event", "{}"], 2, "--event goes with the id of one dead letter."),
      (["intake", "replay", "1-1", "--event", "{"], 2, "the event is not JSON"),
      (["intake", "replay", "1-1"], 1, "there is no dead letter '1-1'"),
      (["intake", "discard", "1-1"], 1, "not all of them are dead letters"),
      (["serve", "--data", "d", "--event-stream", "x"], 2, "There is a stream and no queue"),
      (["serve", "--data", "d", "--event-stream", "x", "--no-event-stream"], 2, "goes with no --no-event-stream"),
    ] {
      let isServer = arguments[0] == "serve"
      let result = try await Command.run(arguments, variables: isServer ? [:] : variables)
      #expect(
        result.status == status && result.errors.contains(words), "\(arguments): \(result.status) \(result.errors)")
    }
    let missing = try await Command.run(["intake", "dead"])
    #expect(missing.status == 2 && missing.errors.contains("MILLRACE_QUEUE_URL"))
    let nothing = try await Command.run(["intake", "replay", "--all", "--json"], variables: variables)
    #expect(try JSONReader.parse(nothing.output) == ["replayed": 0, "dead": []])
  }
}
