import Dispatcher
import Foundation
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Schemas of events in a folder that is edited", .timeLimit(.minutes(5)))
struct SchemaReloadTests {
  let desk: PipelineDesk

  init() throws {
    desk = try PipelineDesk()
    try FileManager.default.createDirectory(atPath: desk.path("events"), withIntermediateDirectories: true)
    try desk.write(PipelineDesk.text("one", note: "1"), to: "one.yaml")
    try desk.write(Self.asking("a"), to: "events/Saved.schema.json")
  }

  /// A schema that asks for one key and allows no other.
  private static func asking(_ key: String) -> String {
    #"{ "required": ["\#(key)"], "properties": { "\#(key)": true }, "additionalProperties": false }"#
  }

  /// Whether an event with this payload is taken.
  private func takes(_ payload: JSON, version: Int = 1) -> Bool {
    let event = EventEnvelope(
      id: "e", type: "Saved", version: version, occurredAt: desk.bench.time.now, tenant: "acme", payload: payload)
    return desk.bench.library.schemas.violations(of: event).isEmpty
  }

  @Test("A saved schema counts once it has rested; a removed one leaves its type free-form")
  func reloads() async throws {
    _ = try await desk.activator.open()
    #expect(takes(["a": 1]) && !takes(["b": 1]))
    try await desk.watching {
      try desk.write(Self.asking("b"), to: "events/Saved.schema.json")
      try await desk.look()
      #expect(takes(["a": 1]), "It may be half written still.")
      try await desk.look()
      #expect(!takes(["a": 1]) && takes(["b": 1]))
      try desk.write(Self.asking("c"), to: "events/Saved.v2.schema.json")
      try desk.write("half", to: "events/.Saved.schema.json")
      try await desk.look(2)
      #expect(takes(["b": 1]) && takes(["c": 1], version: 2) && !takes(["b": 1], version: 2))
      #expect(desk.active.number == 1, "No pipeline has changed.")
      try FileManager.default.removeItem(atPath: desk.path("events"))
      try await desk.look(2)
      #expect(takes(["x": 1], version: 7))
    }
  }

  @Test("The next request is checked by what was saved")
  func nextRequest() async throws {
    _ = try await desk.activator.open()
    let event: JSON = ["id": "e1", "type": "Saved", "tenant_id": "acme", "payload": ["b": 1]]
    try await desk.watching {
      try await TestClient.serving(desk.bench.services) { client in
        let refused = try await client.post("/v1/events", event)
        #expect(refused.problem == "payload_breaks_schema")
        try desk.write(Self.asking("b"), to: "events/Saved.schema.json")
        try await desk.look(2)
        #expect(try await client.post("/v1/events", event).status == 202)
      }
    }
  }

  @Test(
    "A bad schema displaces no good one, and is told of with its place",
    arguments: [
      ("Saved.schema.json", Array("{\n  \"requried\": []\n}".utf8), "2:3 P051"),
      ("Saved.schema.json", Array("{ \"type\": ".utf8), "1:11 P051"), ("Saved.schema.json", [0xFF], "1:1 P051"),
      ("Saved.v1.schema.json", Array("true".utf8), "1:1 P051"),
    ])
  func keepsTheGoodOne(file: String, bytes: [UInt8], place: String) async throws {
    _ = try await desk.activator.open()
    try await desk.watching {
      try desk.write(bytes: bytes, to: "events/\(file)")
      try desk.write(PipelineDesk.text("one", note: "2"), to: "one.yaml")
      try await desk.look(4)
      #expect(takes(["a": 1]) && !takes(["b": 1]))
      #expect(desk.shown == ["one": "2"], "Pipelines are not kept from changing.")
      #expect(desk.logged("A schema of events is bad") == 1)
      let remark = try #require(await desk.activator.remark)
      #expect(remark.contains("events/\(file):\(place)"), "\(remark)")
      try desk.remove("one.yaml")
      try await desk.look(2)
      #expect(desk.shown.isEmpty, "Nor from being taken away.")
      try desk.remove("events/\(file)")
      try desk.write(Self.asking("b"), to: "events/Saved.schema.json")
      try await desk.look(2)
      #expect(takes(["b": 1]) && !takes(["a": 1]))
      #expect(await desk.activator.remark == nil)
    }
  }

  @Test("A pipeline that a new schema breaks stays as it was, until one of the two is mended")
  func breaksPipelines() async throws {
    let text = PipelineDesk.text("one", note: "1")
    try desk.write(text.replacing("queue: default }", with: "with: { v: \"${event.payload.a}\" } }"), to: "one.yaml")
    _ = try await desk.activator.open()
    #expect(desk.shown == ["one": "1"])
    try await desk.watching {
      try desk.write(Self.asking("b"), to: "events/Saved.schema.json")
      try await desk.look(2)
      #expect(desk.shown == ["one": "1"])
      #expect(await desk.activator.remark?.contains("P052") == true)
      try desk.write(Self.asking("a"), to: "events/Saved.schema.json")
      try await desk.look(2)
      #expect(await desk.activator.remark == nil)
    }
  }
}
