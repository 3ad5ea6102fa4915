import Foundation
import Testing
import WorkerKit

@Suite("Schemas of events in a folder", .timeLimit(.minutes(5)))
struct EventSchemaTests {
  let folder: URL

  init() throws {
    folder = try RunningServer.newFolder()
    let events = folder.appending(path: "pipelines/events")
    try FileManager.default.createDirectory(at: events, withIntermediateDirectories: true)
    try write(CheckTests.good, to: "documents.yaml")
    try write(Self.schema, to: "events/DocumentSaved.schema.json")
  }

  private static let schema = """
    {
      "type": "object",
      "required": ["text"],
      "properties": { "text": { "type": "string" } },
      "additionalProperties": false
    }
    """

  private var pipelines: String { folder.appending(path: "pipelines").path }

  private func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: folder.appending(path: "pipelines/\(name)"))
  }

  @Test func checkCountsSchemas() async throws {
    let result = try await Command.run(["pipelines", "check", pipelines])
    #expect(result.output == "1 pipeline, 1 schema, no problems\n")
    let json = try await Command.run(["pipelines", "check", pipelines, "--json"])
    #expect(try JSONReader.parse(json.output)["schemas"] == [["event": "DocumentSaved", "version": 1]])
    let single = try await Command.run(["pipelines", "check", "\(pipelines)/events/DocumentSaved.schema.json"])
    #expect(single.output == "0 pipelines, 1 schema, no problems\n")
  }

  @Test func checkPointsAtMistakesInSchemasAndReferences() async throws {
    try write(Self.schema.replacing("required", with: "requried"), to: "events/DocumentSaved.v2.schema.json")
    let broken = try await Command.run(["pipelines", "check", pipelines])
    #expect(broken.status == 1)
    #expect(
      broken.output.hasPrefix(
        "\(pipelines)/events/DocumentSaved.v2.schema.json:3:3: error P051: #/requried: unknown keyword 'requried'; "
          + "did you mean 'required'?\n"))
    try write("true", to: "events/Other.schema.json")
    try FileManager.default.removeItem(at: folder.appending(path: "pipelines/events/DocumentSaved.v2.schema.json"))
    try write(CheckTests.good.replacing("payload.text", with: "payload.txet"), to: "documents.yaml")
    for path in [pipelines, "\(pipelines)/documents.yaml"] {
      let result = try await Command.run(["pipelines", "check", path])
      #expect(result.status == 1)
      #expect(result.output.contains("documents.yaml:6:"))
      #expect(result.output.contains("error P052: ${event.payload.txet}: "), "\(result.output)")
      #expect(result.output.hasSuffix("did you mean 'text'?\n"))
    }
  }

  @Test("plan, diff and explain refuse what check and a server refuse", .onEveryServerSet, arguments: [true, false])
  func othersCheckAsWell(isSchemaBad: Bool) async throws {
    let server = try await RunningServer(arguments: ["--pipelines", pipelines])
    let event = folder.appending(path: "event.json").path
    try Data(#"{"type": "DocumentSaved", "payload": {"text": "a"}}"#.utf8).write(to: URL(filePath: event))
    let commands = [
      ["plan", pipelines], ["diff", "\(pipelines)/documents.yaml"],
      ["explain", "--pipelines", pipelines, "--event", event],
    ]
    for command in commands { #expect(try await server.command(["pipelines"] + command).status == 0) }
    if isSchemaBad {
      try write(Self.schema.replacing("required", with: "requried"), to: "events/DocumentSaved.schema.json")
    } else {
      try write(CheckTests.good.replacing("payload.text", with: "payload.txet"), to: "documents.yaml")
    }
    for command in commands {
      let result = try await server.command(["pipelines"] + command)
      #expect(result.status == 1, "\(command)")
      #expect(result.output.isEmpty)
      #expect(result.errors.contains(isSchemaBad ? "error P051: " : "error P052: "), "\(result.errors)")
    }
    #expect(try await server.stop() == 0)
  }

  @Test("explain says that an event breaks its schema, though its pattern matches")
  func explainTellsOfSchemas() async throws {
    let explain = ["pipelines", "explain", "--pipelines", pipelines, "--event", "-"]
    let bad = try await Command.run(explain, input: #"{"type": "DocumentSaved", "payload": {"text": 1}}"#)
    #expect(bad.status == 1)
    #expect(
      bad.output
        == "documents: match\nthe payload breaks its schema: /text: This must be of type string, not number.\n")
    let event = #"{"type": "DocumentSaved", "version": 7, "payload": {"text": "a"}}"#
    let json = try JSONReader.parse(try await Command.run(explain + ["--json"], input: event).output)
    #expect(json["match"] == false)
    #expect(json["pipelines"]?[0]?["match"] == true)
    #expect(json["problems"]?[0]?["code"] == "version")
  }

  @Test(.onEveryServerSet) func aServerRefusesWhatBreaksASchema() async throws {
    let server = try await RunningServer(arguments: ["--pipelines", pipelines])
    let emit = ["emit", "--type", "DocumentSaved", "--tenant", "acme", "--resource", "document:1", "--payload"]
    let bad = try await server.command(emit + [#"{"text": 1}"#])
    #expect(bad.status == 1)
    #expect(bad.errors.contains("(payload_breaks_schema)"))
    #expect(bad.errors.contains("item 0: payload/text: This must be of type string, not number."))
    #expect(try await server.command(emit + [#"{"text": "a"}"#]).status == 0)
    #expect(try await server.stop() == 0)
  }

  @Test func aServerDoesNotStartWithABadSchema() async throws {
    try write("{", to: "events/DocumentSaved.schema.json")
    let data = folder.appending(path: "data").path
    let result = try await Command.run(["serve", "--data", data, "--listen", "127.0.0.1:0", "--pipelines", pipelines])
    #expect(result.status == 1)
    #expect(result.errors.contains("DocumentSaved.schema.json:1:2: error P051: "))
    #expect(result.errors.contains("an event's schema is not valid"))
  }
}
