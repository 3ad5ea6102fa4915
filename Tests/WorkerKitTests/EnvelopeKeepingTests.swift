import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Envelopes, kept and restored")
struct EnvelopeKeepingTests {
  private let whole = EventEnvelope(
    id: "e\u{301} \"1\"", source: "cms", type: "MediaUploaded", version: 3,
    occurredAt: Timestamp(milliseconds: 1_795_251_872_120), tenant: "acme", actor: "u1",
    resource: .init(kind: "document", id: "d1"), correlationID: "c1", traceParent: "00-a", traceState: "x=y",
    context: ["user_id": "u1"], provenance: ["source_ip": "::1"], hops: 16, payload: ["a": [1, 2.5, .null, "é\n"]])

  @Test func bytesRestoreTheWhole() throws {
    #expect(try EventEnvelope.restore(whole.bytes) == whole)
    let least = EventEnvelope(
      id: "e1", type: "A", occurredAt: Timestamp(milliseconds: -1), tenant: "acme", payload: .null)
    #expect(try EventEnvelope.restore(least.bytes) == least)
  }

  @Test func bytesAndJSONSayTheSame() throws {
    #expect(try JSONReader.parse(whole.bytes) == whole.json)
    #expect(whole.json["hops"] == 16)
  }

  @Test func aMemberAloneIsWhatItIsAmongAll() throws {
    guard case .object(let members) = whole.json else {
      Issue.record("An envelope is an object.")
      return
    }
    for (name, value) in members { #expect(whole.member(name) == value, "\(name)") }
    let least = EventEnvelope(id: "e1", type: "A", occurredAt: .init(milliseconds: 0), tenant: "acme", payload: .null)
    for name in members.keys { #expect(least.member(name) == least.json[name], "\(name)") }
    #expect(whole.member("tenant") == nil)
  }

  @Test func whatPipelinesEmittedMayBeLarger() throws {
    var large = whole
    large.payload = .string(String(repeating: "a", count: EventLimits.payloadBytes))
    #expect(try EventEnvelope.restore(large.bytes) == large)
  }

  @Test func everyMomentThatIsAcceptedRestores() throws {
    for text in ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "1969-12-31T23:59:60-12:00"] {
      let event = try EventEnvelope.read(
        ["id": "e1", "type": "A", "tenant_id": "a", "payload": [:], "occurred_at": .string(text)],
        now: Timestamp(milliseconds: 0))
      #expect(try EventEnvelope.restore(event.bytes) == event)
    }
  }

  @Test(arguments: ["", "{}", "[]", "{", #"{"id":"e1","type":"A","tenant_id":"a","payload":{},"hops":"x"}"#])
  func damagedBytesAreCalledSo(text: String) {
    let error = #expect(throws: DriverError.self) { try EventEnvelope.restore(Array(text.utf8)) }
    #expect(error?.kind == .damaged)
    #expect(error?.code == "event_unreadable")
  }

  @Test func mutationsAreAcceptedWholeOrRefusedByField() throws {
    var random = SeededGenerator.announced("envelope mutations")
    var accepted = 0
    for _ in 0..<5_000 {
      guard case .object(var object) = whole.json else { return }
      object["hops"] = nil
      for _ in 0..<Int.random(in: 1...3, using: &random) { mutate(&object, using: &random) }
      do {
        let event = try EventEnvelope.read(.object(object), now: Timestamp(milliseconds: 0))
        accepted += 1
        #expect(try EventEnvelope.restore(event.bytes) == event)
        #expect(event.hops == 0)
      } catch let error as EnvelopeError {
        #expect(!error.problems.isEmpty)
        #expect(error.problems.allSatisfy { !$0.code.isEmpty && !$0.message.isEmpty })
      }
    }
    #expect(accepted > 100)
    #expect(accepted < 4_900)
  }

  private func mutate(_ object: inout [String: JSON], using random: inout SeededGenerator) {
    let names = object.keys.sorted() + ["hops", "extra"]
    guard let key = names.randomElement(using: &random) else { return }
    switch Int.random(in: 0..<6, using: &random) {
    case 0: object[key] = nil
    case 1: object[key] = JSON.random(depth: 2, using: &random)
    case 2: object[key] = .string(String(repeating: "é", count: Int.random(in: 0...1_100, using: &random)))
    case 3: object[key + "s"] = object.removeValue(forKey: key)
    case 4: object["payload"] = JSON.random(depth: 3, using: &random)
    default: object[key] = .integer(Int64(truncatingIfNeeded: random.next()))
    }
  }
}
