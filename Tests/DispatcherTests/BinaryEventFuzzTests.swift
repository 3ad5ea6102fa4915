import Foundation
import Testing
import WorkerKit
import WorkerKitTesting

@testable import Dispatcher

@Suite("CloudEvents in headers: fuzz", .timeLimit(.minutes(60)))
struct BinaryEventFuzzTests {
  /// How many inputs are tried: 20,000, or what `MILLRACE_FUZZ` says.
  private static var count: Int {
    ProcessInfo.processInfo.environment["MILLRACE_FUZZ"].flatMap { Int($0) } ?? 20_000
  }

  private static let fields = [
    ("specversion", "1.0"), ("id", "1"), ("source", "/a"), ("type", "com.example.event"), ("tenantid", "acme"),
    ("time", "2026-11-21T09:04:32Z"), ("subject", "a%20b"), ("extra", #""quoted \"text\"""#),
  ]
  private static let names = [
    "id", "Id", "datacontenttype", "data", "traceparent", "extra", "a_b", "", "é", "tenantid",
  ]
  private static let pieces = [
    "%", "%4", "%41", "%00", "%C3", "%C3%A9", "%ED%A0%80", "%25", "%2", "%zz", "\"", "\\", "\\\"", " ", "é", "\u{301}",
    "\u{0}", "\t", "\r\n", "😀", "\u{E000}", "a", "1", "{", "[", ":",
  ]
  private static let types = [
    nil, "application/json", "application/json; charset=utf-8", "text/plain", "text/plain; charset=latin1", "a/b", "",
    "application/x+json", "image/png", ";", "application/json; charset=\"",
  ]

  @Test("whatever the headers and the body hold, the event is read or refused with reasons")
  func headers() throws {
    let random = Self.announced()
    var read = 0
    for round in 0..<Self.count {
      let event = Self.event(random)
      do {
        let envelope = try EventEnvelope.read(event.cloudEvent(), now: Timestamp(milliseconds: 0))
        read += 1
        #expect(try EventEnvelope.restore(envelope.bytes) == envelope, "seed \(random.seed), round \(round)")
      } catch let error as EnvelopeError {
        #expect(!error.problems.isEmpty, "seed \(random.seed), round \(round)")
        #expect(error.problems.allSatisfy { !$0.message.isEmpty }, "seed \(random.seed), round \(round)")
      }
    }
    #expect(read > Self.count / 50 && read < Self.count, "\(read) of \(Self.count) read; seed \(random.seed)")
  }

  @Test("what is percent-encoded is what comes out, as it is and as a quoted text")
  func roundTrip() throws {
    let random = Self.announced()
    for round in 0..<Self.count / 10 {
      let text = (0..<Self.pick(12, random)).map { _ in Self.one(of: Self.pieces, random) }.joined()
      let encoded = text.utf8.map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "%0\(digits)" : "%\(digits)"
      }.joined()
      for value in [encoded, "\"\(encoded)\""] {
        let event = BinaryEvent(contentType: nil, fields: [(name: "extra", value: value)], body: [])
        let decoded = try event.cloudEvent().attributes["extra"]
        #expect(decoded == .string(text), "seed \(random.seed), round \(round)")
      }
    }
  }

  private static func announced() -> SeededRandom {
    let random = SeededRandom(seed: .random(in: .min ... .max))
    print("header fuzz: seed \(random.seed)")
    return random
  }

  private static func event(_ random: SeededRandom) -> BinaryEvent {
    var fields = Self.fields.map { (name: $0.0, value: $0.1) }
    for _ in 0..<pick(4, random) where !fields.isEmpty {
      let at = pick(fields.count, random)
      switch pick(8, random) {
      case 0: fields.remove(at: at)
      case 1: fields.append(fields[at])
      case 2: fields[at].name = one(of: names, random)
      case 3: fields[at].value = String(repeating: fields[at].value, count: pick(400, random))
      case 4: fields.append((name: one(of: names, random), value: text(random)))
      default: fields[at].value = pick(2, random) == 0 ? text(random) : fields[at].value + text(random)
      }
    }
    return BinaryEvent(contentType: one(of: types, random), fields: fields, body: body(random))
  }

  private static func body(_ random: SeededRandom) -> [UInt8] {
    switch pick(4, random) {
    case 0: []
    case 1: Array(#"{"n": 2}"#.utf8)
    case 2: Array(text(random).utf8)
    default: (0..<pick(9, random)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }
  }

  private static func text(_ random: SeededRandom) -> String {
    (0..<pick(6, random)).map { _ in one(of: pieces, random) }.joined()
  }

  private static func one<Element>(of list: [Element], _ random: SeededRandom) -> Element {
    list[pick(list.count, random)]
  }

  private static func pick(_ count: Int, _ random: SeededRandom) -> Int { Int(random.next() % UInt64(count)) }
}
