import Testing

@testable import WorkerKit

@Suite("Patterns: the index")
struct PatternIndexTests {
  @Test("the index finds what trying each pattern finds, over 40,000 random pairs")
  func equalToTryingEach() {
    var samples = PatternSamples(random: .announced("pattern index"))
    var (pairs, matches) = (0, 0)
    for _ in 0..<40 {
      let patterns = (0..<40).map { _ in samples.pattern() }
      let index = PatternIndex(patterns)
      for _ in 0..<25 {
        let event = samples.event()
        let expected = patterns.indices.filter { patterns[$0].matches(event) }
        #expect(index.matching(event) == expected, "\(event.text())")
        pairs += patterns.count
        matches += expected.count
      }
    }
    #expect(pairs == 40_000 && matches > 1000 && matches < 39_000, "\(matches) matches")
  }

  @Test("a value that does not match has a mismatch, one that matches has none")
  func mismatches() {
    var samples = PatternSamples(random: .announced("pattern mismatches"))
    for _ in 0..<20_000 {
      let (pattern, event) = (samples.pattern(), samples.event())
      let mismatch = pattern.mismatch(event)
      #expect(pattern.matches(event) == (mismatch == nil))
      #expect(mismatch?.reason.isEmpty != true)
    }
  }

  /// Patterns of which the numbered one alone differs from the others, and an event that the first matches.
  struct Shape: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let pattern: @Sendable (Int) -> Pattern
    let event: JSON

    init(_ name: String, event: JSON, _ pattern: @escaping @Sendable (Int) -> Pattern) {
      testDescription = name
      self.event = event
      self.pattern = pattern
    }
  }

  private static func wildcard(_ text: String) -> PatternTest {
    (try? Wildcard(text)).map(PatternTest.wildcard) ?? .exists(true)
  }

  private static func object(_ tests: KeyValuePairs<String, PatternTest>) -> Pattern {
    .object(tests.map { .init($0.key, .leaf([$0.value])) })
  }

  private static let shapes = [
    Shape("exact values", event: ["kind": "image", "tenant": "t0"]) {
      object(["kind": .equals("image"), "tenant": .equals("t\($0)")])
    },
    Shape("two fields that only together are rare", event: ["a": 0, "b": 0]) {
      object(["a": .equals(.integer(Int64($0 % 100))), "b": .equals(.integer(Int64($0 / 100)))])
    },
    Shape("fields of their own", event: ["f0": 1, "common": 1]) {
      object(["f\($0)": .equals(1), "common": .equals(1)])
    },
    Shape("lists with a common value", event: ["a": "common", "b": "b0"]) {
      .object([
        .init("a", .leaf([.equals("common"), .equals("a\($0)")])), .init("b", .leaf([.equals("b\($0)")])),
      ])
    },
    Shape("prefixes", event: ["key": "folder/0/a.png", "ok": true]) {
      object(["key": .prefix("folder/\($0)/"), "ok": .equals(true)])
    },
    Shape("suffixes in any case", event: ["key": "a.X0X"]) { object(["key": .suffixIgnoringCase(".x\($0)x")]) },
    Shape("wildcards", event: ["key": "a/b-0-c/d"]) { object(["key": wildcard("*/b-\($0)-c/*")]) },
    Shape("wildcards with a beginning", event: ["key": "a0/d.png"]) { object(["key": wildcard("a\($0)/*.png")]) },
    Shape("ranges", event: ["size": 5]) {
      object([
        "size": NumericRange([(">=", .integer(Int64($0 * 10))), ("<", .integer(Int64($0 * 10 + 10)))])
          .map(PatternTest.numeric) ?? .exists(true)
      ])
    },
    Shape("ranges that hold, beside values that do not", event: ["size": 1_000_000, "b": "b0"]) {
      object([
        "size": NumericRange([(">", .integer(Int64($0)))]).map(PatternTest.numeric) ?? .exists(true),
        "b": .equals("b\($0)"),
      ])
    },
    Shape("addresses", event: ["ip": "10.0.0.9"]) {
      object(["ip": AddressBlock("10.\($0 / 200).\($0 % 200).0/24").map(PatternTest.cidr) ?? .exists(true)])
    },
    Shape("anything but, beside values", event: ["a": "x", "b": "b0"]) {
      object(["a": .anythingBut([.equals("y\($0)")]), "b": .equals("b\($0)")])
    },
    Shape("absences, beside values", event: ["b": "b0"]) {
      object(["a\($0)": .exists(false), "b": .equals("b\($0)")])
    },
  ]

  @Test("an event's work does not grow with the patterns that it does not match", arguments: shapes)
  func work(_ shape: Shape) {
    let counts = [100, 2000].map { count in
      let index = PatternIndex((0..<count).map(shape.pattern))
      var work = 0
      #expect(index.matching(shape.event, work: &work) == [0])
      return work
    }
    #expect(counts[1] <= 2 * counts[0] + 10, "\(counts)")
    #expect(counts[1] < 100)
  }

  @Test("a set of pipelines finds those of an event by type and pattern, sorted by name")
  func pipelineSet() throws {
    let files = (0..<20).map { number in
      (
        name: "p\(number).yaml",
        text: """
        pipeline: p\(number)
        trigger:
          event: \(number % 2 == 0 ? "Even" : "Odd")
          match: { payload: { a: [{ numeric: [">=", \(number)] }] } }
        stages: { s: { uses: a.b } }
        """
      )
    }
    let (set, problems) = PipelineSet.load(files: files, registry: nil)
    #expect(problems.isEmpty)
    let event: JSON = ["type": "Even", "payload": ["a": 10]]
    #expect(set.matching(event).map(\.name.rawValue) == ["p0", "p10", "p2", "p4", "p6", "p8"])
    #expect(set.matching(["type": "Other", "payload": ["a": 10]]).isEmpty && set.matching(["payload": 1]).isEmpty)
    let runs = try Planner(queues: [:], newID: { "id" }, now: { Timestamp(milliseconds: 0) })
      .route(Fixture.event(type: "Odd", payload: ["a": 3]), pipelines: set)
    #expect(runs.map(\.pipeline.rawValue) == ["p1", "p3"])
  }
}
