import Dispatcher
import TestProcesses
import Testing
import WorkerKit
import WorkerKitTesting

/// What the Python SDK of CloudEvents writes is taken as it is: `pip install cloudevents`, any version.
@Suite(
  "CloudEvents of the Python SDK", .timeLimit(.minutes(5)),
  .enabled("needs python3 with the package cloudevents") { await Program.python("import cloudevents").succeeds })
struct CloudEventSDKTests {
  let bench: TestBench

  init() throws { bench = try TestBench() }

  @Test func itWritesBothModes() async throws { #expect(try await PythonSDK.messages().count >= 4) }

  @Test(arguments: try await PythonSDK.messages()) func itsBytesAreTaken(message: PythonSDK.Message) async throws {
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.send("POST", "/v1/events", body: message.body, headers: message.headers)
      #expect(answer.status == 202, "\(answer.text)")
    }
    let envelope = try #require(try await bench.store.events(id: "sdk-1", tenant: "acme").first).envelope
    #expect(envelope.source == "/sdk")
    #expect(envelope.type == "com.example.sdk")
    #expect(envelope.resource?.id == "Größe 100% \"groß\" 😀")
    #expect(envelope.context["extension"] == "x y")
    #expect(envelope.occurredAt.description == "2026-11-21T09:04:32.120Z")
    #expect(envelope.payload == message.payload)
  }
}

/// Runs the SDK.
enum PythonSDK {
  struct Message: Sendable {
    let headers: [String: String]
    let body: [UInt8]
    let payload: JSON
  }

  /// Two events in two modes each, by each interface that the SDK has.
  static func messages() async throws -> [Message] {
    try await Program.python(script).run().output.split(separator: "\n").compactMap { line in
      guard let json = try? JSONReader.parse(String(line)), case .object(let fields)? = json["headers"],
        case .string(let text)? = json["body"], let body = Base64.decode(text), let payload = json["payload"]
      else { return nil }
      let headers = fields.compactMapValues { value in if case .string(let text) = value { text } else { nil } }
      return Message(headers: headers, body: body, payload: payload)
    }
  }

  private static let script = #"""
    import base64, cloudevents, datetime, json
    try: from cloudevents.v1 import http as older
    except ImportError: from cloudevents import http as older
    interfaces = [(older.CloudEvent, older.to_binary, older.to_structured, lambda message: message)]
    try:
        from cloudevents.core.bindings import http as newer
        from cloudevents.core.v1.event import CloudEvent
        parts = lambda message: (message.headers, message.body)
        interfaces.append((CloudEvent, newer.to_binary_event, newer.to_structured_event, parts))
    except ImportError: pass
    time = datetime.datetime(2026, 11, 21, 9, 4, 32, 120000, datetime.timezone.utc)
    attributes = {
        "id": "sdk-1", "source": "/sdk", "type": "com.example.sdk", "specversion": "1.0", "tenantid": "acme",
        "subject": "Gr\u00f6\u00dfe 100% \"gro\u00df\" \U0001F600", "extension": "x y"}
    object = {"n": [1, None, "\u00e9"]}
    png = {"content_type": "image/png", "data_base64": "AP8="}
    for make, binary, structured, parts in interfaces:
        for kind, data, payload in (("application/json", object, object), ("image/png", b"\x00\xff", png)):
            when = time.isoformat() if make is older.CloudEvent else time
            event = make({**attributes, "datacontenttype": kind, "time": when}, data)
            for write in (binary, structured):
                headers, body = parts(write(event))
                body = base64.b64encode(body).decode()
                print(json.dumps({"headers": dict(headers), "body": body, "payload": payload}))
    """#
}
