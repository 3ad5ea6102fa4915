import Testing
import WorkerKit

@Suite("Envelopes, read from outside")
struct EnvelopeReadingTests {
  private static let now = Timestamp(milliseconds: 1_795_251_872_120)
  private static let least: [String: JSON] = [
    "id": "e1", "type": "MediaUploaded", "tenant_id": "acme", "payload": [:],
  ]

  private func read(_ changes: [String: JSON?] = [:]) throws(EnvelopeError) -> EventEnvelope {
    var object = Self.least
    for (key, value) in changes { object[key] = value }
    return try EventEnvelope.read(.object(object), now: Self.now)
  }

  private func problems(_ changes: [String: JSON?]) -> [EnvelopeError.Problem] {
    do throws(EnvelopeError) {
      _ = try read(changes)
      return []
    } catch { return error.problems }
  }

  @Test func fillsInWhatIsOptional() throws {
    let event = try read()
    #expect(
      event == EventEnvelope(id: "e1", type: "MediaUploaded", occurredAt: Self.now, tenant: "acme", payload: [:]))
    #expect(event.source == "api")
    #expect(event.version == 1)
    #expect(event.hops == 0)
    #expect(try read(["version": .null, "source": .null, "resource": .null, "context": .null]) == event)
  }

  @Test func readsEveryField() throws {
    let event = try read([
      "source": "cms", "version": 3, "occurred_at": "2026-11-21T10:04:32.12+01:00", "actor_id": "u1",
      "resource": ["kind": "document", "id": "d1"], "correlation_id": "c1", "traceparent": "00-a", "tracestate": "x=y",
      "context": ["user_id": "u1"], "provenance": ["source_ip": "::1", "user_agent": "a", "plugin_id": "p"],
      "payload": ["a": [1, 2]],
    ])
    #expect(
      event
        == EventEnvelope(
          id: "e1", source: "cms", type: "MediaUploaded", version: 3, occurredAt: Self.now, tenant: "acme",
          actor: "u1", resource: .init(kind: "document", id: "d1"), correlationID: "c1", traceParent: "00-a",
          traceState: "x=y", context: ["user_id": "u1"],
          provenance: ["source_ip": "::1", "user_agent": "a", "plugin_id": "p"], payload: ["a": [1, 2]]))
    #expect(event.logFields == ["user_id": "u1", "correlation_id": "c1"])
  }

  @Test(
    arguments: [
      ("id", nil, "id", "required"), ("id", 7, "id", "wrong_type"), ("id", "", "id", "invalid"),
      ("id", "a\u{7}", "id", "invalid"),
      ("type", nil, "type", "required"), ("type", "Media Uploaded", "type", "invalid"), ("type", "", "type", "invalid"),
      ("type", "1a", "type", "invalid"), ("type", "Été", "type", "invalid"), ("type", [], "type", "wrong_type"),
      ("tenant_id", .null, "tenant_id", "required"), ("tenant_id", "../etc", "tenant_id", "invalid"),
      ("tenant_id", "a/b", "tenant_id", "invalid"), ("tenant_id", ".a", "tenant_id", "invalid"),
      ("source", 1, "source", "wrong_type"), ("version", 0, "version", "invalid"),
      ("version", 1.5, "version", "invalid"),
      ("version", "1", "version", "invalid"), ("version", 2_147_483_648, "version", "invalid"),
      ("occurred_at", "yesterday", "occurred_at", "invalid"), ("occurred_at", 12, "occurred_at", "wrong_type"),
      ("actor_id", false, "actor_id", "wrong_type"), ("resource", "d1", "resource", "wrong_type"),
      ("resource", ["kind": "document"], "resource.id", "required"),
      ("resource", ["id": "d1", "kind": .null], "resource.kind", "wrong_type"),
      ("resource", ["id": "d1", "kind": "a", "name": "b"], "resource.name", "unknown_field"),
      ("correlation_id", "", "correlation_id", "invalid"), ("traceparent", 0, "traceparent", "wrong_type"),
      ("tracestate", [:], "tracestate", "wrong_type"), ("context", [], "context", "wrong_type"),
      ("context", ["user_id": 1], "context.user_id", "wrong_type"), ("context", ["a b": "c"], "context.a b", "invalid"),
      ("context", ["": "c"], "context.", "invalid"), ("provenance", "x", "provenance", "wrong_type"),
      ("provenance", ["ip": "x"], "provenance.ip", "unknown_field"), ("payload", nil, "payload", "required"),
      ("hops", 3, "hops", "unknown_field"), ("pauload", [:], "pauload", "unknown_field"),
    ] as [(String, JSON?, String, String)])
  func namesTheFieldThatIsWrong(key: String, value: JSON?, field: String, code: String) {
    let problems = problems([key: value])
    #expect(problems.map(\.field) == [field])
    #expect(problems.map(\.code) == [code])
    #expect(problems.allSatisfy { $0.message.hasSuffix(".") || $0.message.hasSuffix("?") })
  }

  @Test func namesEverythingThatIsWrong() {
    let problems = problems(["id": nil, "type": "no type", "tenant_id": 1, "version": 0, "payload": nil, "tpye": "A"])
    #expect(Set(problems.map(\.field)) == ["id", "type", "tenant_id", "version", "payload", "tpye"])
    #expect(problems.first { $0.field == "tpye" }?.message == "There is no such field; did you mean type?")
  }

  @Test func theErrorNamesFieldsInOneLine() {
    let error = #expect(throws: EnvelopeError.self) { try read(["id": nil, "version": 0]) }
    #expect(
      error?.description == "id: This field is required. version: This field is a whole number of at least 1.")
  }

  @Test(arguments: [JSON.null, [], "a", 1]) func refusesWhatIsNoObject(value: JSON) {
    #expect(throws: EnvelopeError.self) { try EventEnvelope.read(value, now: Self.now) }
  }

  @Test func tenantsAndTypesHaveAForm() throws {
    for tenant in ["a", "9", "acme.eu-1_b", String(repeating: "a", count: 64)] {
      #expect(try read(["tenant_id": .string(tenant)]).tenant == TenantID(tenant))
    }
    for type in ["A", "media.uploaded-v2_x", String(repeating: "a", count: 128)] {
      #expect(try read(["type": .string(type)]).type == type)
    }
    #expect(problems(["tenant_id": .string(String(repeating: "a", count: 65))]).map(\.code) == ["invalid"])
    #expect(problems(["type": .string(String(repeating: "a", count: 129))]).map(\.code) == ["invalid"])
  }

  @Test func textsAreBoundedInScalars() throws {
    let longest = "e" + String(repeating: "\u{301}", count: 127)
    #expect(try read(["id": .string(longest)]).id.rawValue == longest)
    #expect(problems(["id": .string(longest + "\u{301}")]).map(\.code) == ["too_long"])
    #expect(problems(["source": .string(String(repeating: "a", count: 1_025))]).map(\.code) == ["too_long"])
    #expect(problems(["source": .string(String(repeating: "a", count: 1_024))]).isEmpty)
  }

  @Test func payloadsAreBoundedToTheByte() throws {
    // Two quotation marks around the text.
    let most = JSON.string(String(repeating: "a", count: EventLimits.payloadBytes - 2))
    #expect(try read(["payload": most]).payload == most)
    let over = JSON.string(String(repeating: "a", count: EventLimits.payloadBytes - 1))
    #expect(problems(["payload": over]).map(\.code) == ["too_long"])
  }

  @Test func contextsHaveAtMost32Entries() throws {
    let entries = Dictionary(uniqueKeysWithValues: (0..<32).map { ("key\($0)", JSON.string("v")) })
    #expect(try read(["context": .object(entries)]).context.count == 32)
    var more = entries
    more["one_more"] = "v"
    #expect(problems(["context": .object(more)]).map(\.code) == ["too_long"])
    #expect(problems(["context": .object([String(repeating: "k", count: 65): "v"])]).map(\.code) == ["invalid"])
  }
}
