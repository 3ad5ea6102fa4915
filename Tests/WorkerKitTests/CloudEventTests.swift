import Testing
import WorkerKit

/// The examples are those of the JSON event format 1.0.2, with a tenant, which our envelopes need.
@Suite("CloudEvents as envelopes")
struct CloudEventTests {
  private static let now = Timestamp(milliseconds: 1)

  private static func event(_ more: [String: JSON] = [:]) -> JSON {
    let members: [String: JSON] = [
      "specversion": "1.0", "type": "com.example.someevent", "source": "/mycontext", "id": "C234-1234-1234",
      "time": "2018-04-05T17:31:00Z", "tenantid": "acme",
    ]
    return .object(members.merging(more) { _, new in new }.filter { $0.value != "absent" })
  }

  private func read(_ more: [String: JSON] = [:]) throws -> EventEnvelope {
    try EventEnvelope.read(CloudEvent(json: Self.event(more)), now: Self.now)
  }

  /// `field code` of what is wrong.
  private func problems(_ more: [String: JSON]) -> [String] {
    do {
      _ = try read(more)
      return []
    } catch {
      return (error as? EnvelopeError)?.problems.map { "\($0.field) \($0.code)" } ?? ["another error"]
    }
  }

  @Test func theExampleWithAnObjectIsRead() throws {
    let data: JSON = ["appinfoA": "abc", "appinfoB": 123, "appinfoC": true]
    let envelope = try read([
      "subject": nil, "comexampleextension1": "value", "comexampleothervalue": 5, "unsetextension": nil,
      "datacontenttype": "application/json", "data": data,
    ])
    #expect(envelope.id == "C234-1234-1234")
    #expect(envelope.source == "/mycontext")
    #expect(envelope.type == "com.example.someevent")
    #expect(envelope.version == 1)
    #expect(envelope.occurredAt.description == "2018-04-05T17:31:00.000Z")
    #expect(envelope.tenant == "acme")
    #expect(envelope.resource == nil)
    #expect(envelope.context == ["comexampleextension1": "value", "comexampleothervalue": "5"])
    #expect(envelope.payload == data)
  }

  @Test func everyAttributeHasItsField() throws {
    let envelope = try read([
      "subject": "mynewfile.jpg", "actorid": "user-7", "correlationid": "req-1", "dataschema": "https://a.example/s",
      "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "tracestate": "rojo=1", "sampled": true,
      "note": "",
    ])
    #expect(envelope.resource == .init(kind: "subject", id: "mynewfile.jpg"))
    #expect(envelope.actor == "user-7")
    #expect(envelope.correlationID == "req-1")
    #expect(envelope.traceParent == "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    #expect(envelope.traceState == "rojo=1")
    #expect(envelope.context == ["dataschema": "https://a.example/s", "sampled": "true"])
    #expect(envelope.payload == [:])
  }

  @Test func aSubjectHasTheKindThatIsNamed() throws {
    #expect(
      try read(["subject": "42", "resourcekind": "document"]).resource == .init(kind: "document", id: "42"))
    #expect(problems(["resourcekind": "document"]) == ["subject required"])
    #expect(problems(["subject": ""]) == ["subject invalid"])
    #expect(problems(["subject": "42", "resourcekind": 7]) == ["resourcekind wrong_type"])
  }

  @Test func withoutATimeItIsNow() throws { #expect(try read(["time": "absent"]).occurredAt == Self.now) }

  @Test(
    arguments: [
      ([:], [:]),
      (["data": "I'm just a string"], "I'm just a string"),
      (["data": nil], nil),
      (["data": [1, 2], "datacontenttype": "application/vnd.acme+json; charset=utf-8"], [1, 2]),
      (
        ["data": #"<much wow="xml"/>"#, "datacontenttype": "application/xml"],
        ["content_type": "application/xml", "data": #"<much wow="xml"/>"#]
      ),
      (["data_base64": "AP8=", "datacontenttype": "image/png"], ["content_type": "image/png", "data_base64": "AP8="]),
      (["data_base64": "AP8="], ["data_base64": "AP8="]),
      (["data_base64": "eyJhIjoxfQ==", "datacontenttype": "application/json"], ["a": 1]),
      (["data_base64": "aGk=", "datacontenttype": "text/plain"], ["content_type": "text/plain", "data": "hi"]),
      (
        ["data_base64": "/w==", "datacontenttype": "text/plain; charset=ISO-8859-1"],
        ["content_type": "text/plain; charset=ISO-8859-1", "data_base64": "/w=="]
      ),
      (["data": 1, "data_base64": nil], 1),
    ] as [([String: JSON], JSON)])
  func dataBecomesThePayload(members: [String: JSON], payload: JSON) throws {
    #expect(try read(members).payload == payload)
  }

  @Test(
    arguments: [
      (["specversion": "absent"], ["specversion required"]),
      (["specversion": "0.3", "type": "absent"], ["specversion unsupported_version"]),
      (["specversion": 1], ["specversion unsupported_version"]),
      (["id": "absent", "source": "absent", "type": "absent"], ["source required", "id required", "type required"]),
      (["id": nil], ["id required"]),
      (["source": ""], ["source invalid"]),
      (["type": "with spaces"], ["type invalid"]),
      (["time": "yesterday"], ["time invalid"]),
      (["tenantid": "absent"], ["tenantid required"]),
      (["tenantid": "no/slash"], ["tenantid invalid"]),
      (["actorid": 7], ["actorid wrong_type"]),
      (["Upper": "x"], ["Upper invalid"]),
      (["with_underscore": "x"], ["with_underscore invalid"]),
      (["9lives": "x"], ["9lives invalid"]),
      (["extension": [1]], ["extension wrong_type"]),
      (["extension": 1.5], ["extension wrong_type"]),
      (["extension": "two\nlines"], ["extension invalid"]),
      (["dataschema": .string(String(repeating: "x", count: 1025))], ["dataschema too_long"]),
      (["datacontenttype": "text"], ["datacontenttype invalid"]),
      (["datacontenttype": 1], ["datacontenttype wrong_type"]),
      (["data": 1, "datacontenttype": "text/plain"], ["data wrong_type"]),
      (["data": 1, "data_base64": "AA=="], ["data_base64 invalid"]),
      (["data_base64": "AA="], ["data_base64 invalid"]),
      (["data_base64": 7], ["data_base64 wrong_type"]),
      (["data_base64": "e30=", "datacontenttype": "application/json"], []),
      (["data_base64": "ew==", "datacontenttype": "application/json"], ["data invalid"]),
      (["data_base64": "/w==", "datacontenttype": "text/plain"], ["data invalid"]),
      (["data": .string(String(repeating: "x", count: EventLimits.payloadBytes))], ["data too_long"]),
    ] as [([String: JSON], [String])])
  func errorsNameTheAttribute(members: [String: JSON], expected: [String]) {
    #expect(problems(members) == expected)
  }

  @Test func tooManyExtensionsAreRefused() {
    let many = (0...EventLimits.contextEntries).map { ("extension\($0)", JSON.integer(1)) }
    #expect(problems(Dictionary(uniqueKeysWithValues: many)) == ["extensions too_long"])
  }

  @Test func aMissingTenantSaysWhatToDo() {
    #expect {
      try read(["tenantid": "absent"])
    } throws: { error in
      (error as? EnvelopeError)?.problems.first?.message.contains("extension attribute tenantid") == true
    }
  }

  @Test(arguments: [nil, 7, "text", []] as [JSON]) func onlyObjectsAreEvents(value: JSON) {
    #expect(throws: EnvelopeError.self) { try CloudEvent(json: value) }
  }

  /// Nothing of the mapping is lost between an event and what a store keeps of it.
  @Test func whatWasReadCanBeKept() throws {
    let envelope = try read(["subject": "s", "extension": 1, "data_base64": "AP8=", "datacontenttype": "image/png"])
    #expect(try EventEnvelope.restore(envelope.bytes) == envelope)
  }
}
