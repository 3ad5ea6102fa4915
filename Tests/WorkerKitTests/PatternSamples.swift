import WorkerKitTesting

@testable import WorkerKit

/// Random patterns over a small world of keys and values, and events of the same world, so that matches are common.
struct PatternSamples {
  var random: SeededGenerator

  static let keys = ["a", "b", "c"]
  static let texts = [
    "", "a", "ab", "abc", "b", "ABC", "aB", "x/y.png", "x/z.PNG", "10.0.0.7", "10.9.0.7", "2001:db8::1",
  ]
  static let numbers: [JSON] = [0, 1, 5, -3, 5.0, 2.5, 1e300, .integer(.max), 0x1p63]

  mutating func pick<Element>(_ elements: [Element], or other: Element) -> Element {
    elements.randomElement(using: &random) ?? other
  }

  mutating func chance(_ parts: Int) -> Bool { Int.random(in: 0..<parts, using: &random) == 0 }

  mutating func scalar() -> JSON {
    switch Int.random(in: 0..<6, using: &random) {
    case 0: pick([nil, true, false], or: nil)
    case 1, 2: pick(Self.numbers, or: 0)
    default: .string(pick(Self.texts, or: ""))
    }
  }

  mutating func event(depth: Int = 3) -> JSON {
    let members = Self.keys.compactMap { key -> (String, JSON)? in
      chance(4) ? nil : (key, value(depth: depth))
    }
    return .object(Dictionary(members) { first, _ in first })
  }

  mutating func value(depth: Int) -> JSON {
    switch Int.random(in: 0..<6, using: &random) {
    case 0 where depth > 0, 1 where depth > 0: return event(depth: depth - 1)
    case 2 where depth > 0:
      return .array((0..<Int.random(in: 0...3, using: &random)).map { _ in value(depth: depth - 1) })
    default: return scalar()
    }
  }

  mutating func test(depth: Int = 1) -> PatternTest {
    let text = pick(Self.texts, or: "")
    switch Int.random(in: 0..<14, using: &random) {
    case 0: return .prefix(text)
    case 1: return .prefixIgnoringCase(text)
    case 2: return .suffix(text)
    case 3: return .suffixIgnoringCase(text)
    case 4: return .equalsIgnoringCase(text)
    case 5: return wildcard()
    case 6: return range().map(PatternTest.numeric) ?? .exists(true)
    case 7:
      let blocks = ["10.0.0.0/8", "10.0.0.0/24", "0.0.0.0/0", "2001:db8::/32", "::/0"]
      return AddressBlock(pick(blocks, or: "")).map(PatternTest.cidr) ?? .exists(true)
    case 8: return .exists(true)
    case 9: return .exists(false)
    case 10 where depth > 0:
      return .anythingBut((0...Int.random(in: 0...2, using: &random)).map { _ in exclusion() })
    default: return .equals(scalar())
    }
  }

  private mutating func exclusion() -> PatternTest {
    let test = test(depth: 0)
    return test == .exists(false) || test == .exists(true) ? .equals("a") : test
  }

  private mutating func wildcard() -> PatternTest {
    let text = pick(["*", "a*", "*c", "*b*", "a*c", "x/*.png", "*/*", "**", "*.0.*", "ab"], or: "*")
    guard let wildcard = try? Wildcard(text) else { return .prefix("x") }
    return .wildcard(wildcard)
  }

  private mutating func range() -> NumericRange? {
    let low = (pick([">", ">="], or: ">"), pick(Self.numbers, or: 0))
    let high = (pick(["<", "<="], or: "<"), pick(Self.numbers, or: 0))
    switch Int.random(in: 0..<4, using: &random) {
    case 0: return NumericRange([low])
    case 1: return NumericRange([high])
    case 2: return NumericRange([("=", low.1)])
    default: return NumericRange([low, high])
    }
  }

  /// A pattern for an object.
  mutating func pattern(depth: Int = 2) -> Pattern {
    var parts: [Pattern] = []
    for key in Self.keys where chance(2) || (parts.isEmpty && key == Self.keys.last) {
      let below = depth > 0 && chance(3) ? pattern(depth: depth - 1) : leaf()
      parts.append(.object([.init(key, below)]))
    }
    if depth > 0, chance(5) {
      parts.append(.either([pattern(depth: depth - 1), pattern(depth: depth - 1)]))
    }
    return .all(parts)
  }

  private mutating func leaf() -> Pattern {
    .leaf((0...Int.random(in: 0...2, using: &random)).map { _ in test() })
  }
}
