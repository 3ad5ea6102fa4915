import Foundation
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("JSON: fuzz", .timeLimit(.minutes(60)))
struct JSONFuzzTests {
  @Test func agreesWithFoundationOnValidDocuments() throws {
    var random = SeededGenerator.announced("JSON against Foundation")
    for _ in 0..<FuzzCount.of(500) {
      let value = JSON.random(depth: 4, using: &random)
      let pretty = Bool.random(using: &random)
      let bytes = pretty ? Array(value.prettyText().utf8) : value.bytes()
      let theirs = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
      #expect(matches(try JSONReader.parse(bytes), theirs))
    }
  }

  @Test func readsWhatFoundationWrites() throws {
    var random = SeededGenerator.announced("JSON from Foundation")
    for _ in 0..<FuzzCount.of(500) {
      let value = JSON.random(depth: 4, using: &random)
      let theirs = try JSONSerialization.jsonObject(with: Data(value.bytes()), options: .fragmentsAllowed)
      let written = try JSONSerialization.data(withJSONObject: theirs, options: .fragmentsAllowed)
      let reread = try JSONSerialization.jsonObject(with: written, options: .fragmentsAllowed)
      #expect(matches(try JSONReader.parse(Array(written)), reread))
    }
  }

  @Test func mutationsEitherParseOrThrow() throws {
    var random = SeededGenerator.announced("JSON mutations")
    var accepted = 0
    var refused = 0
    for _ in 0..<FuzzCount.of(20_000) {
      var bytes = JSON.random(depth: 3, using: &random).bytes()
      for _ in 0..<Int.random(in: 1...4, using: &random) { mutate(&bytes, using: &random) }
      do {
        let value = try JSONReader.parse(bytes)
        accepted += 1
        #expect(try JSONReader.parse(value.bytes()) == value)
        let theirs = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        #expect(matches(value, theirs))
      } catch let error as JSONError {
        refused += 1
        #expect((0...bytes.count).contains(error.offset))
        let place = bytes.prefix(error.offset)
        #expect(error.line == place.count { $0 == 0x0A } + 1)
      }
    }
    #expect(accepted > 100)
    #expect(refused > 1_000)
  }

  private func mutate(_ bytes: inout [UInt8], using random: inout SeededGenerator) {
    let tokens: [UInt8] = Array(#"{}[]",:\u0e-+.tn "#.utf8) + [0x00, 0x0A, 0x80, 0xC3, 0xED, 0xF0, 0xFF]
    let token = tokens.randomElement(using: &random) ?? 0
    guard let index = bytes.indices.randomElement(using: &random) else { return bytes.append(token) }
    switch Int.random(in: 0..<5, using: &random) {
    case 0: bytes[index] = token
    case 1: bytes.insert(token, at: index)
    case 2: bytes.remove(at: index)
    case 3: bytes.removeSubrange(index...)
    default: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    }
  }

  private func matches(_ ours: JSON, _ theirs: Any) -> Bool {
    switch ours {
    case .null: return theirs is NSNull
    case .bool(let value): return (theirs as? NSNumber)?.boolValue == value
    case .integer(let value): return (theirs as? NSNumber)?.int64Value == value
    case .double(let value):
      // JSONSerialization reads a long fraction as a decimal number, whose way to a double rounds several times.
      guard let other = (theirs as? NSNumber)?.doubleValue else { return false }
      return abs(other - value) <= 16 * value.ulp
    case .string(let value): return (theirs as? String).map { $0.utf8.elementsEqual(value.utf8) } ?? false
    case .array(let elements):
      guard let others = theirs as? [Any], others.count == elements.count else { return false }
      return zip(elements, others).allSatisfy { matches($0, $1) }
    case .object(let members):
      guard let others = theirs as? [String: Any], others.count == members.count else { return false }
      return members.allSatisfy { key, value in others[key].map { matches(value, $0) } ?? false }
    }
  }
}
