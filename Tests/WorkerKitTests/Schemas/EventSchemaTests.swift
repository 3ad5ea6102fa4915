import Testing
import WorkerKit

@Suite("Schemas of events", .timeLimit(.minutes(5)))
struct EventSchemaTests {
  private static let strict = #"{"type": "object", "required": ["size"], "properties": {"size": {"type": "integer"}}}"#

  private func event(_ type: String, version: Int = 1, payload: JSON = [:]) -> EventEnvelope {
    EventEnvelope(
      id: "e", type: type, version: version, occurredAt: Timestamp(milliseconds: 0), tenant: "acme", payload: payload)
  }

  @Test("a file's name tells type and version")
  func names() {
    let (schemas, problems) = EventSchemas.read(files: [
      ("p/events/Saved.schema.json", "true"), ("p/events/Saved.v2.schema.json", "false"),
      ("p/events/a.b.v3.schema.json", "true"), ("Order.v2.v1.schema.json", "true"), ("v2.schema.json", "true"),
      ("Odd.v01.schema.json", "true"),
    ])
    #expect(problems.isEmpty)
    #expect(schemas.types == ["Odd.v01", "Order.v2", "Saved", "a.b", "v2"])
    #expect(schemas.versions(of: "Saved") == [1, 2])
    #expect(schemas.versions(of: "a.b") == [3])
    #expect(schemas.versions(of: "Order.v2") == [1])
    #expect(schemas.count == 6)
  }

  @Test("a type without schemas is free-form; a version without one is not")
  func versions() {
    let (schemas, _) = EventSchemas.read(files: [
      ("Saved.schema.json", Self.strict), ("Saved.v3.schema.json", "true"),
    ])
    #expect(schemas.violations(of: event("Other", version: 9)).isEmpty)
    #expect(schemas.violations(of: event("Saved", payload: ["size": 1])).isEmpty)
    #expect(schemas.violations(of: event("Saved")).map(\.keyword) == ["required"])
    #expect(schemas.violations(of: event("Saved", version: 3)).isEmpty)
    let found = schemas.violations(of: event("Saved", version: 2, payload: ["size": 1]))
    #expect(
      found.map(\.description) == ["There is no schema for this version of the event; versions with one: 1, 3."])
  }

  @Test(
    "problems of a file have a line and a column",
    arguments: [
      ("A.schema.json", "{\n  \"type\": \"strnig\"\n}", "A.schema.json:2:3: error P051: #/type: a type is one of"),
      (
        "A.schema.json", "{ \"properties\": {\n \"é\": {}, \"a\": {\n   \"minimun\": 1 } } }",
        "A.schema.json:3:4: error P051: #/properties/a/minimun: unknown keyword 'minimun'; did you mean 'minimum'?"
      ),
      (
        "A.schema.json", "{\"allOf\": [ {\"x\": \"]}\\\"\"} , true,\n {\"\\u0061nyOf\": []}]}",
        "A.schema.json:1:14: error P051: #/allOf/0/x: unknown keyword 'x'"
      ),
      (
        "A.schema.json", "{\"allOf\": [ true , true,\n {\"\\u0061nyOf\": []}]}",
        "A.schema.json:2:3: error P051: #/allOf/2/anyOf: anyOf must hold at least one schema"
      ),
      ("A.schema.json", "{ \"type\": }", "A.schema.json:1:11: error P051: "),
      ("A.json", "true", "A.json:1:1: error P051: a schema's file is called TYPE.schema.json, or TYPE.v2.schema.json"),
      ("1.schema.json", "true", "1.schema.json:1:1: error P051: the file is not named for a type of event"),
    ])
  func places(name: String, text: String, expected: String) {
    let (schemas, problems) = EventSchemas.read(files: [(name, text)])
    #expect(problems.first?.description.hasPrefix(expected) == true, "\(problems.first?.description ?? "none")")
    #expect(schemas.count == 0)
  }

  @Test func twoFilesForOneVersionAreAProblem() {
    let (_, problems) = EventSchemas.read(files: [("A.schema.json", "true"), ("A.v1.schema.json", "true")])
    #expect(
      problems.map(\.description)
        == ["A.v1.schema.json:1:1: error P051: A.schema.json is the schema of version 1 of A already"])
  }
}
