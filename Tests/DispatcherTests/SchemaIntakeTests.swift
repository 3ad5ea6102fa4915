import Dispatcher
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("POST /v1/events, by schemas", .timeLimit(.minutes(5)))
struct SchemaIntakeTests {
  let bench: TestBench

  init() throws {
    bench = try TestBench()
    let schema = """
      { "type": "object", "required": ["object"], "additionalProperties": false,
        "properties": { "object": { "type": "string" }, "sizes": { "items": { "minimum": 1 } } } }
      """
    bench.library.use(EventSchemas.read(files: [("MediaUploaded.schema.json", schema)]).0)
  }

  private func envelope(_ id: String, _ payload: JSON, type: String = "MediaUploaded", version: Int64 = 1) -> JSON {
    [
      "id": .string(id), "type": .string(type), "tenant_id": "acme", "version": .integer(version), "payload": payload,
    ]
  }

  @Test func aPayloadThatBreaksItsSchemaIsRefusedWithEveryReason() async throws {
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.post(
        "/v1/events", envelope("1", ["obejct": "hidden-payload", "sizes": [1, 0]]))
      #expect(answer.status == 422)
      #expect(answer.problem == "payload_breaks_schema")
      #expect(
        answer.json["problems"] == [
          [
            "index": 0, "field": "payload", "pointer": "", "code": "required",
            "message": "The member 'object' is required.",
          ],
          [
            "index": 0, "field": "payload", "pointer": "/obejct", "code": "additionalProperties",
            "message": "There is no such member; did you mean 'object'?",
          ],
          [
            "index": 0, "field": "payload", "pointer": "/sizes/1", "code": "minimum",
            "message": "This must be at least 1.",
          ],
        ])
      #expect(!answer.text.contains("hidden-payload"))
      #expect(try await bench.store.unroutedCount() == 0)
    }
    #expect(bench.metrics.value(of: MetricName.events, "refused") == 1)
  }

  @Test func oneBadPayloadRefusesItsWholeRequest() async throws {
    try await TestClient.serving(bench.services) { client in
      let batch: JSON = [
        envelope("1", ["object": "a"]), envelope("2", ["object": 1]), envelope("3", [:], type: "Other"),
      ]
      let answer = try await client.post("/v1/events", batch)
      #expect(answer.status == 422)
      #expect(answer.problems == ["1 payload type"])
      #expect(try await bench.store.unroutedCount() == 0)
      #expect(try await client.post("/v1/events", [envelope("1", ["object": "a"])]).status == 202)
      #expect(try await client.post("/v1/events", envelope("3", [:], type: "Other", version: 9)).status == 202)
    }
  }

  @Test func aVersionWithoutASchemaIsRefused() async throws {
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.post("/v1/events", envelope("1", ["object": "a"], version: 2))
      #expect(answer.status == 422)
      #expect(answer.problems == ["0 version no_schema"])
    }
  }

  @Test func theDataOfCloudEventsIsCheckedInEveryMode() async throws {
    let event: JSON = [
      "specversion": "1.0", "id": "1", "source": "/a", "type": "MediaUploaded", "tenantid": "acme",
      "data": ["object": 1],
    ]
    let headers = [
      "ce-specversion": "1.0", "ce-id": "1", "ce-source": "/a", "ce-type": "MediaUploaded", "ce-tenantid": "acme",
    ]
    try await TestClient.serving(bench.services) { client in
      let answers = [
        try await client.send(
          "POST", "/v1/events", body: event.bytes(), type: "application/cloudevents+json"),
        try await client.send(
          "POST", "/v1/events", body: JSON.array([event]).bytes(), type: "application/cloudevents-batch+json"),
        try await client.send(
          "POST", "/v1/events", body: Array(#"{"object":1}"#.utf8), type: "application/json", headers: headers),
      ]
      for answer in answers {
        #expect(answer.status == 422)
        #expect(answer.problems == ["0 data type"])
      }
    }
  }

  @Test func aFreshSchemaHoldsFromTheNextRequestOn() async throws {
    try await TestClient.serving(bench.services) { client in
      let before = try await client.post("/v1/events", envelope("1", ["other": 1]))
      #expect(before.status == 422)
      bench.library.use(EventSchemas())
      let after = try await client.post("/v1/events", envelope("1", ["other": 1]))
      #expect(after.status == 202)
    }
  }
}
