import Dispatcher
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("CloudEvents over HTTP", .timeLimit(.minutes(5)))
struct CloudEventIntakeTests {
  let bench: TestBench

  init() throws { bench = try TestBench() }

  private func event(_ id: String, _ more: [String: JSON] = [:]) -> JSON {
    let members: [String: JSON] = [
      "specversion": "1.0", "id": .string(id), "source": "/mycontext", "type": "com.example.someevent",
      "tenantid": "acme", "data": ["n": 1],
    ]
    return .object(members.merging(more) { _, new in new })
  }

  private static let headers = [
    "ce-specversion": "1.0", "ce-type": "com.example.someevent", "ce-time": "2018-04-05T03:56:24Z",
    "ce-id": "1234-1234-1234", "ce-source": "/mycontext/subcontext", "CE-TenantID": "acme",
  ]

  private func stored(_ id: EventID) async throws -> EventEnvelope {
    try #require(try await bench.store.events(id: id, tenant: "acme").first).envelope
  }

  @Test(arguments: ["application/cloudevents+json", "Application/CloudEvents+JSON; charset=UTF-8"])
  func structuredMode(type: String) async throws {
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.send("POST", "/v1/events", body: event("a").bytes(), type: type)
      #expect(answer.status == 202)
      #expect(answer.json == ["events": [["id": "a", "tenant_id": "acme", "status": "accepted"]]])
      #expect(answer.header("Location") == "/v1/events/a?tenant_id=acme")
    }
    #expect(try await stored("a").payload == ["n": 1])
  }

  @Test func aBatchIsTakenWholeOrNotAtAll() async throws {
    let type = "application/cloudevents-batch+json"
    try await TestClient.serving(bench.services) { client in
      let good: JSON = [event("a"), event("b", ["subject": "cat.png"]), event("a")]
      let answer = try await client.send("POST", "/v1/events", body: good.bytes(), type: type)
      #expect(answer.status == 202)
      #expect((0..<3).map { answer.json["events"]?[$0]?["status"] } == ["accepted", "accepted", "duplicate"])
      let bad: JSON = [event("c"), event("d", ["time": "never", "specversion": "1.0"]), 7]
      let refused = try await client.send("POST", "/v1/events", body: bad.bytes(), type: type)
      #expect(refused.status == 400)
      #expect(refused.problems == ["1 time invalid", "2 event wrong_type"])
      #expect(try await bench.store.events(id: "c", tenant: nil).isEmpty)
      let single = try await client.send("POST", "/v1/events", body: event("e").bytes(), type: type)
      #expect(single.status == 400)
      let empty = try await client.send("POST", "/v1/events", body: Array("[]".utf8), type: type)
      #expect(empty.status == 202)
      #expect(empty.json == ["events": []])
    }
    #expect(try await stored("b").resource == .init(kind: "subject", id: "cat.png"))
  }

  @Test func binaryMode() async throws {
    try await TestClient.serving(bench.services) { client in
      var headers = Self.headers
      headers["ce-subject"] = "Euro%20%E2%82%AC%20%f0%9f%98%80"
      headers["ce-comexampleextension1"] = #""quoted \"value\" 100%25 50%""#
      headers["ce-traceparent"] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
      let answer = try await client.send(
        "POST", "/v1/events", body: Array(#"{"n": 2}"#.utf8), type: "application/json; charset=utf-8",
        headers: headers)
      #expect(answer.status == 202)
    }
    let envelope = try await stored("1234-1234-1234")
    #expect(envelope.source == "/mycontext/subcontext")
    #expect(envelope.occurredAt.description == "2018-04-05T03:56:24.000Z")
    #expect(envelope.resource?.id == "Euro € 😀")
    #expect(envelope.context == ["comexampleextension1": #"quoted "value" 100% 50%"#])
    #expect(envelope.traceParent == "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    #expect(envelope.payload == ["n": 2])
  }

  @Test(
    arguments: [
      (nil, [0, 255], ["data_base64": "AP8="]),
      ("image/png", [0, 255], ["content_type": "image/png", "data_base64": "AP8="]),
      ("text/plain", [0x68, 0x69], ["content_type": "text/plain", "data": "hi"]),
      ("application/json", [], [:]),
      (nil, [], [:]),
    ] as [(String?, [UInt8], JSON)])
  func binaryModeTakesAnyBody(type: String?, body: [UInt8], payload: JSON) async throws {
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.send("POST", "/v1/events", body: body, type: type, headers: Self.headers)
      #expect(answer.status == 202)
    }
    #expect(try await stored("1234-1234-1234").payload == payload)
  }

  @Test(arguments: [
    (["ce-specversion": "0.3"], "0 specversion unsupported_version"),
    (["ce-tenantid": ""], "0 tenantid invalid"),
    (["ce-subject": "%C0%A0"], "0 subject invalid"),
    (["ce-subject": "\"open"], "0 subject invalid"),
    (["ce-subject": "\"a\" b"], "0 subject invalid"),
    (["ce-datacontenttype": "text/plain"], "0 datacontenttype invalid"),
    (["ce-with-hyphen": "x"], "0 with-hyphen invalid"),
    (["ce-data": "x"], "0 data invalid"),
  ])
  func binaryModeNamesTheAttribute(more: [String: String], problem: String) async throws {
    try await TestClient.serving(bench.services) { client in
      let headers = Self.headers.filter { header in !more.keys.contains(header.key.lowercased()) }
        .merging(more) { _, new in new }
      let answer = try await client.send("POST", "/v1/events", body: [], headers: headers)
      #expect(answer.status == 400)
      #expect(answer.problems == [problem])
    }
  }

  @Test func aForgottenAttributeIsNamed() async throws {
    try await TestClient.serving(bench.services) { client in
      var headers = Self.headers
      headers["ce-specversion"] = nil
      let answer = try await client.send("POST", "/v1/events", body: [], headers: headers)
      #expect(answer.problems == ["0 specversion required"])
    }
  }

  @Test(arguments: ["application/cloudevents+avro", "application/cloudevents", "application/cloudevents-batch+xml"])
  func otherFormatsAreRefused(type: String) async throws {
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.send("POST", "/v1/events", body: [], type: type, headers: Self.headers)
      #expect(answer.status == 415)
      #expect(answer.problem == "unsupported_media_type")
    }
  }

  @Test func otherExtensionsOfOurOwnEnvelopesStayOut() async throws {
    try await TestClient.serving(bench.services) { client in
      let envelope: JSON = ["id": "own", "type": "T", "tenant_id": "acme", "payload": [:]]
      let answer = try await client.send(
        "POST", "/v1/events", body: envelope.bytes(), type: "application/json", headers: ["ce-extension": "x"])
      #expect(answer.status == 202)
    }
    #expect(try await stored("own").context.isEmpty)
  }
}
