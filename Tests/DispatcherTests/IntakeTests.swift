import Dispatcher
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("POST /v1/events", .timeLimit(.minutes(5)))
struct IntakeTests {
  let bench: TestBench

  init() throws { bench = try TestBench() }

  private func envelope(_ id: String, _ more: [String: JSON] = [:]) -> JSON {
    var members: [String: JSON] = [
      "id": .string(id), "type": "MediaUploaded", "tenant_id": "acme", "payload": ["object": "cat.png"],
    ]
    members.merge(more) { _, new in new }
    return .object(members)
  }

  @Test func oneEventIsAcceptedAndLocated() async throws {
    try await TestClient.serving(bench.services) { client in
      let before = bench.arrivals.count
      let answer = try await client.post("/v1/events", envelope("a/b"))
      #expect(answer.status == 202)
      #expect(answer.json == ["events": [["id": "a/b", "tenant_id": "acme", "status": "accepted"]]])
      #expect(answer.header("Location") == "/v1/events/a%2Fb?tenant_id=acme")
      #expect(bench.arrivals.count > before)
      let location = try #require(answer.header("Location"))
      let event = try await client.get(location)
      #expect(event.status == 200)
      #expect(event.json["event"]?["id"] == "a/b")
    }
  }

  @Test func batchesSayWhatWasNew() async throws {
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.post("/v1/events", [envelope("1"), envelope("2"), envelope("1")])
      #expect(answer.status == 202)
      #expect(answer.header("Location") == nil)
      let again = try await client.post("/v1/events", [envelope("2"), envelope("3")])
      let words = [answer, again].map { answer in
        (0..<3).compactMap { answer.json["events"]?[$0]?["status"] }
      }
      #expect(words == [["accepted", "accepted", "duplicate"], ["duplicate", "accepted"]])
    }
    #expect(bench.metrics.value(of: MetricName.events, "accepted") == 3)
    #expect(bench.metrics.value(of: MetricName.events, "duplicate") == 2)
  }

  @Test func oneBadEventRefusesAllAndEveryFaultIsNamed() async throws {
    try await TestClient.serving(bench.services) { client in
      let bad = envelope("2", ["type": "1x", "tennant_id": "acme"])
      let answer = try await client.post("/v1/events", [envelope("1"), bad, 7])
      #expect(answer.status == 400)
      #expect(answer.problem == "invalid_events")
      #expect(answer.problems == ["1 tennant_id unknown_field", "1 type invalid", "2 event wrong_type"])
      #expect(try await bench.store.events(id: "1", tenant: nil).isEmpty)
    }
    #expect(bench.metrics.value(of: MetricName.events, "refused") == 3)
  }

  @Test func aRefusalListsSomeFaultsOfMany() async throws {
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.post("/v1/events", .array(Array(repeating: 7, count: 300)))
      #expect(answer.status == 400)
      #expect(answer.problems.count == Problem.mostItems)
    }
  }

  @Test(arguments: [0, 1001]) func aBatchHasOneToAThousandEvents(count: Int) async throws {
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.post("/v1/events", .array((0..<count).map { envelope("\($0)") }))
      #expect(answer.status == 400)
      #expect(answer.problem == "invalid_events")
      #expect(try await bench.store.unroutedCount() == 0)
    }
  }

  @Test func brokenJSONIsPointedAt() async throws {
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.send(
        "POST", "/v1/events", body: Array("{\n  \"id\": secret-value }".utf8), type: "application/json")
      #expect(answer.status == 400)
      #expect(answer.problem == "invalid_json")
      #expect(answer.json["line"] == 2)
      #expect(answer.json["column"] == 9)
      #expect(!answer.text.contains("secret"))
    }
  }

  @Test(arguments: [nil, "text/plain", "application/xml", "application/jsonx"])
  func otherContentTypesAreRefused(type: String?) async throws {
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.send("POST", "/v1/events", body: envelope("1").bytes(), type: type)
      #expect(answer.status == 415)
      #expect(answer.problem == "unsupported_media_type")
    }
  }

  @Test func aCharsetBesideTheTypeIsFine() async throws {
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.send(
        "POST", "/v1/events", body: envelope("1").bytes(), type: "Application/JSON; charset=utf-8")
      #expect(answer.status == 202)
    }
  }

  @Test func bodiesAreBounded() async throws {
    try await TestClient.serving(bench.services) { client in
      let body = [UInt8](repeating: UInt8(ascii: " "), count: APIRequest.bodyLimit + 1)
      let answer = try await client.send("POST", "/v1/events", body: body, type: "application/json")
      #expect(answer.status == 413)
      #expect(answer.problem == "body_too_large")
      #expect(try await client.post("/v1/events", envelope("1")).status == 202)
    }
  }

  /// What an error of a store becomes.
  struct Told: Sendable {
    let kind: DriverError.Kind
    let status: Int
    let code: String
    var retryAfter: String?
  }

  @Test(arguments: [
    Told(kind: .unavailable, status: 503, code: "store_unavailable", retryAfter: "1"),
    Told(kind: .closed, status: 503, code: "store_unavailable", retryAfter: "1"),
    Told(kind: .full, status: 507, code: "storage_full", retryAfter: "60"),
    Told(kind: .refused, status: 422, code: "not_storable"),
    Told(kind: .damaged, status: 500, code: "store_damaged"),
  ])
  func aStoreThatFailsIsSaidSo(told: Told) async throws {
    bench.store.faults.failNext(.record, with: DriverError(told.kind, "test", "A test.", detail: "secret-path"))
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.post("/v1/events", envelope("1"))
      #expect(answer.status == told.status)
      #expect(answer.problem == told.code)
      #expect(answer.header("Retry-After") == told.retryAfter)
      #expect(!answer.text.contains("secret"))
      #expect(try await client.post("/v1/events", envelope("1")).status == 202)
    }
    #expect(bench.logs.text.contains("secret-path"))
  }

  @Test func payloadsReachNoLog() async throws {
    try await TestClient.serving(bench.services) { client in
      _ = try await client.post("/v1/events", envelope("1", ["payload": "hidden-payload"]))
      _ = try await client.post("/v1/events", envelope("1", ["nope": "hidden-payload"]))
    }
    #expect(bench.logs.text.contains("POST /v1/events"))
    #expect(!bench.logs.text.contains("hidden-payload"))
  }
}
