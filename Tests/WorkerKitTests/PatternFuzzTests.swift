import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Patterns: fuzz", .timeLimit(.minutes(60)))
struct PatternFuzzTests {
  private static let count = FuzzCount.of(20_000)

  private static let words = [
    "{", "}", "[", "]", ":", ",", " ", "\n", "\"", "'", "a", "b", "payload", "prefix", "suffix", "wildcard",
    "equals-ignore-case", "anything-but", "numeric", "cidr", "exists", "$or", "*", "\\", "/", "10.0.0.0/8", "::1/64",
    ">", "<=", "=", "1e309", "-0.0", "9223372036854775808", "null", "~", "true", "false", ".inf", "&x", "*x", "${", "é",
    "\u{0}",
  ]

  private static let whole = [
    #"{ a: [{ prefix: x }, 1], $or: [{ b: [{ exists: false }] }, { c: [{ anything-but: { suffix: [p, q] } }] }] }"#,
    #"{ a: { b: [{ numeric: [">", 0, "<=", 5] }, { cidr: 10.0.0.0/8 }], c: [{ wildcard: "a*\\*b" }] } }"#,
    #"{ "a": [{ "equals-ignore-case": "X" }, { "prefix": { "equals-ignore-case": "y" } }, null, 5.0] }"#,
  ]

  @Test("random and damaged patterns are read or refused at places in the file, and those read can be matched")
  func patterns() {
    var random = SeededGenerator.announced("pattern fuzz")
    var samples = PatternSamples(random: random)
    var read = 0
    for round in 0..<Self.count {
      let text = Self.text(using: &random)
      do {
        let pattern = try Pattern.read(text, file: "p")
        read += 1
        let event = samples.event()
        #expect(pattern.matches(event) == (pattern.mismatch(event) == nil), "round \(round)")
      } catch {
        let isPlaced = error.problems.allSatisfy { $0.line >= 1 && $0.column >= 1 && !$0.message.isEmpty }
        #expect(isPlaced && !error.problems.isEmpty, "round \(round)")
      }
    }
    #expect(read > Self.count / 50 && read < Self.count, "\(read) of \(Self.count) read")
  }

  private static func text(using random: inout SeededGenerator) -> String {
    guard Bool.random(using: &random), let base = whole.randomElement(using: &random) else {
      let count = Int.random(in: 0...30, using: &random)
      return (0..<count).map { _ in words.randomElement(using: &random) ?? "" }.joined()
    }
    var characters = Array(base)
    for _ in 0..<Int.random(in: 0...3, using: &random) where !characters.isEmpty {
      let at = Int.random(in: characters.indices, using: &random)
      switch Int.random(in: 0..<3, using: &random) {
      case 0: characters.remove(at: at)
      case 1: characters.insert(contentsOf: words.randomElement(using: &random) ?? "", at: at)
      default: characters.removeSubrange(at..<min(characters.count, at + 12))
      }
    }
    return String(characters)
  }
}
