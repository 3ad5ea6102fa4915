import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Envelopes and schemas: fuzz", .timeLimit(.minutes(60)))
struct EnvelopeFuzzTests {
  private static let count = FuzzCount.of(5_000)

  private static let envelope: JSON = [
    "id": "1", "source": "/a", "type": "MediaUploaded", "version": 1, "occurred_at": "2026-11-21T09:04:32Z",
    "tenant_id": "acme", "actor_id": "ada", "resource": ["kind": "object", "id": "1"], "correlation_id": "c",
    "traceparent": "00-a", "context": ["user_id": "u"], "provenance": ["source_ip": "192.0.2.1"], "payload": ["a": 1],
  ]
  private static let cloudEvent: JSON = [
    "specversion": "1.0", "id": "1", "source": "/a", "type": "MediaUploaded", "tenantid": "acme", "subject": "s",
    "resourcekind": "k", "time": "2026-11-21T09:04:32Z", "datacontenttype": "application/json", "extra": true,
    "data": ["a": 1],
  ]
  private static let schema: JSON = [
    "type": "object", "required": ["a"], "properties": ["a": ["$ref": "#/$defs/n"], "b": ["pattern": "^(a|b)*$"]],
    "additionalProperties": ["anyOf": [["type": "string", "maxLength": 2], ["items": ["$ref": "#"]]]],
    "$defs": ["n": ["type": ["number", "null"], "multipleOf": 0.5, "minimum": -1]],
  ]

  @Test("whatever an envelope holds, it is read or refused with reasons")
  func envelopes() throws {
    var random = SeededGenerator.announced("envelope fuzz")
    var read = 0
    for round in 0..<Self.count {
      let value = Self.mutated(Self.envelope, using: &random)
      do {
        let event = try EventEnvelope.read(value, now: Timestamp(milliseconds: 0))
        read += 1
        #expect(try EventEnvelope.restore(event.bytes) == event, "round \(round)")
      } catch let error as EnvelopeError {
        #expect(!error.problems.isEmpty, "round \(round)")
      }
    }
    #expect(read > 0 && read < Self.count, "\(read) of \(Self.count) read")
  }

  @Test("whatever a CloudEvent holds, it is read or refused with reasons")
  func cloudEvents() throws {
    var random = SeededGenerator.announced("CloudEvent fuzz")
    let types = ["text/plain", "application/json", "a/b; charset=latin1", "image/png", "x", "application/xml"]
    var read = 0
    for round in 0..<Self.count {
      let value = Self.mutated(Self.cloudEvent, using: &random)
      do {
        var event = try CloudEvent(json: value)
        if Bool.random(using: &random) {
          var attributes = event.attributes
          attributes["datacontenttype"] = types.randomElement(using: &random).map { .string($0) }
          let bytes = (0..<Int.random(in: 0...8, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
          event = CloudEvent(attributes: attributes, data: .bytes(bytes))
        }
        let envelope = try EventEnvelope.read(event, now: Timestamp(milliseconds: 0))
        read += 1
        #expect(try EventEnvelope.restore(envelope.bytes) == envelope, "round \(round)")
      } catch let error as EnvelopeError {
        #expect(!error.problems.isEmpty, "round \(round)")
      }
    }
    #expect(read > 0 && read < Self.count, "\(read) of \(Self.count) read")
  }

  @Test("whatever a schema holds, it is refused with places, or answers for every value")
  func schemas() throws {
    var random = SeededGenerator.announced("schema fuzz")
    var read = 0
    for round in 0..<Self.count {
      do {
        let schema = try JSONSchema.read(Self.mutated(Self.schema, using: &random))
        read += 1
        let found = schema.violations(of: JSON.random(depth: 3, using: &random))
        #expect(found.count <= JSONSchema.mostViolations, "round \(round)")
      } catch {
        #expect((1...JSONSchema.mostViolations).contains(error.problems.count), "round \(round)")
      }
    }
    #expect(read > 0 && read < Self.count, "\(read) of \(Self.count) read")
  }

  @Test("whatever the text of a schema's file is, its problems have places in it")
  func files() {
    var random = SeededGenerator.announced("schema file fuzz")
    let text = Array(Self.schema.prettyText())
    for round in 0..<Self.count {
      var changed = text
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let at = Int.random(in: changed.indices, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: changed.remove(at: at)
        case 1: changed.insert("{}[]\":,x1\\($".randomElement(using: &random) ?? "x", at: at)
        default: changed.swapAt(at, Int.random(in: changed.indices, using: &random))
        }
      }
      let (schemas, problems) = EventSchemas.read(files: [("A.schema.json", String(changed))])
      #expect((schemas.count == 1) == problems.isEmpty, "round \(round)")
      #expect(problems.allSatisfy { $0.line >= 1 && $0.column >= 1 }, "round \(round)")
    }
  }

  /// The value with some of its parts, keys and leaves alike, put in the place of others.
  private static func mutated(_ value: JSON, using random: inout SeededGenerator) -> JSON {
    switch (value, Int.random(in: 0..<24, using: &random)) {
    case (_, 0): return JSON.random(depth: 2, using: &random)
    case (.object(let members), let choice):
      var changed: [String: JSON] = [:]
      for (key, member) in members.sorted(by: { $0.key < $1.key }) where choice != 1 || Bool.random(using: &random) {
        let isRenamed = Int.random(in: 0..<60, using: &random) == 0
        changed[isRenamed ? key + "x" : key] = mutated(member, using: &random)
      }
      if choice == 2 { changed["added"] = JSON.random(depth: 2, using: &random) }
      return .object(changed)
    case (.array(let elements), let choice):
      let changed = elements.map { mutated($0, using: &random) }
      return .array(choice == 1 ? changed + changed : changed)
    case (.string(let text), 1): return .string(String(repeating: text, count: 300))
    case (.string, 2): return .string("\u{0}\u{301}\u{1F600}")
    default: return value
    }
  }
}
