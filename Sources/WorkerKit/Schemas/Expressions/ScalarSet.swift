/// A set of Unicode scalars, as a character class of a regular expression names it.
struct ScalarSet: Sendable, Hashable {
  /// Scalars of some general categories, or all others.
  private struct CategoryTest: Sendable, Hashable {
    let categories: Set<Unicode.GeneralCategory>
    let isNegated: Bool
  }

  private var ranges: [ClosedRange<UInt32>] = []
  private var tests: [CategoryTest] = []
  /// Whether the set holds what the rest of it does not name.
  var isNegated = false

  init(_ ranges: [ClosedRange<UInt32>] = [], isNegated: Bool = false) {
    self.ranges = ranges
    self.isNegated = isNegated
  }

  init(_ scalar: Unicode.Scalar) { self.init([scalar.value...scalar.value]) }

  /// The scalars of some general categories; all others where `isNegated` is set.
  init(_ categories: Set<Unicode.GeneralCategory>, isNegated: Bool) {
    tests = [CategoryTest(categories: categories, isNegated: isNegated)]
  }

  mutating func insert(_ range: ClosedRange<UInt32>) { ranges.append(range) }

  /// Adds all that `other` holds.
  mutating func insert(_ other: ScalarSet) {
    tests += other.tests
    ranges += other.isNegated ? Self.complement(of: other.ranges) : other.ranges
  }

  func contains(_ scalar: Unicode.Scalar) -> Bool {
    let value = scalar.value
    let isNamed =
      ranges.contains { $0.contains(value) }
      || tests.contains { $0.categories.contains(scalar.properties.generalCategory) != $0.isNegated }
    return isNamed != isNegated
  }

  /// How much work it is to ask it.
  var cost: Int { 1 + ranges.count + tests.count }

  private static func complement(of ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
    var (next, gaps): (UInt32, [ClosedRange<UInt32>]) = (0, [])
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
      next = max(next, range.upperBound + 1)
    }
    return next <= last ? gaps + [next...last] : gaps
  }

  private static let last: UInt32 = 0x10FFFF
}

extension ScalarSet {
  /// What `\d`, `\s` and `\w` stand for (ECMA-262, section 22.2.2.9, without the flag for any case of letters).
  static let digits = ScalarSet([0x30...0x39])
  static let space = ScalarSet([
    0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F,
    0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
  ])
  static let word = ScalarSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
  /// What `.` stands for: anything but the end of a line.
  static let anyButLineEnd = ScalarSet([0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029], isNegated: true)

  /// All that this set does not hold; for sets without categories.
  var inverted: ScalarSet {
    var set = self
    set.isNegated.toggle()
    return set
  }
}
