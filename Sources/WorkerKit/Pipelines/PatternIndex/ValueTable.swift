/// Finds which of many leaves at one path hold for a scalar. A leaf is known by its target.
///
/// What a search costs grows with the logarithm of the leaves, with the lengths of blocks of addresses in use (at most
/// 160), and with the `anything-but` leaves, which are tried one by one since nearly all of them hold.
struct ValueTable {
  private let equal: [JSON: [Int]]
  private let equalInAnyCase: [[UInt8]: [Int]]
  private let prefixes: PrefixTable
  private let prefixesInAnyCase: PrefixTable
  /// Keys are reversed, here and in the next.
  private let suffixes: PrefixTable
  private let suffixesInAnyCase: PrefixTable
  private let wildcards: WildcardTable
  private let ranges: RangeTable
  private let blocks: BlockTable
  private let others: [(test: PatternTest, target: Int)]

  init(_ leaves: [(tests: [PatternTest], target: Int)]) {
    var draft = ValueTableDraft()
    for leaf in leaves {
      for test in leaf.tests { draft.add(test, leaf.target) }
    }
    equal = draft.equal
    equalInAnyCase = draft.equalInAnyCase
    prefixes = PrefixTable(draft.prefixes)
    prefixesInAnyCase = PrefixTable(draft.prefixesInAnyCase)
    suffixes = PrefixTable(draft.suffixes)
    suffixesInAnyCase = PrefixTable(draft.suffixesInAnyCase)
    wildcards = WildcardTable(draft.wildcards)
    ranges = RangeTable(draft.ranges)
    blocks = BlockTable(draft.blocks)
    others = draft.others
  }

  /// Adds the targets of the leaves that hold for `scalar`; one may be added more than once.
  func find(_ scalar: JSON, into found: inout [Int], work: inout Int) {
    work += 1
    if !equal.isEmpty, let targets = equal[scalar.byValue] { found += targets }
    if case .string(let text) = scalar { find(text: text, into: &found, work: &work) }
    if !ranges.isEmpty, let number = ExactNumber(scalar) { ranges.find(number, into: &found, work: &work) }
    for (test, target) in others {
      work += 1
      if test.holds(for: scalar) { found.append(target) }
    }
  }

  private func find(text: String, into found: inout [Int], work: inout Int) {
    if !blocks.isEmpty { blocks.find(text, into: &found, work: &work) }
    if !prefixes.isEmpty || !suffixes.isEmpty || !wildcards.isEmpty {
      let bytes = Array(text.utf8)
      if !prefixes.isEmpty { prefixes.find(bytes, into: &found, work: &work) }
      if !suffixes.isEmpty { suffixes.find(bytes.reversed(), into: &found, work: &work) }
      if !wildcards.isEmpty { wildcards.find(bytes, into: &found, work: &work) }
    }
    if !equalInAnyCase.isEmpty || !prefixesInAnyCase.isEmpty || !suffixesInAnyCase.isEmpty {
      let bytes = Array(text.lowercased().utf8)
      if let targets = equalInAnyCase[bytes] { found += targets }
      prefixesInAnyCase.find(bytes, into: &found, work: &work)
      if !suffixesInAnyCase.isEmpty { suffixesInAnyCase.find(bytes.reversed(), into: &found, work: &work) }
    }
  }
}

/// The tests of a table, by kind.
private struct ValueTableDraft {
  var equal: [JSON: [Int]] = [:]
  var equalInAnyCase: [[UInt8]: [Int]] = [:]
  var prefixes: [[UInt8]: [Int]] = [:]
  var prefixesInAnyCase: [[UInt8]: [Int]] = [:]
  var suffixes: [[UInt8]: [Int]] = [:]
  var suffixesInAnyCase: [[UInt8]: [Int]] = [:]
  var wildcards: [(wildcard: Wildcard, target: Int)] = []
  var ranges: [(range: NumericRange, target: Int)] = []
  var blocks: [(block: AddressBlock, target: Int)] = []
  var others: [(test: PatternTest, target: Int)] = []

  mutating func add(_ test: PatternTest, _ target: Int) {
    switch test {
    case .equals(let value): equal[value.byValue, default: []].append(target)
    case .equalsIgnoringCase(let text): equalInAnyCase[folded(text), default: []].append(target)
    case .prefix(let text): prefixes[Array(text.utf8), default: []].append(target)
    case .prefixIgnoringCase(let text): prefixesInAnyCase[folded(text), default: []].append(target)
    case .suffix(let text): suffixes[text.utf8.reversed(), default: []].append(target)
    case .suffixIgnoringCase(let text): suffixesInAnyCase[folded(text).reversed(), default: []].append(target)
    case .wildcard(let wildcard): wildcards.append((wildcard, target))
    case .numeric(let range): ranges.append((range, target))
    case .cidr(let block): blocks.append((block, target))
    case .exists, .anythingBut: others.append((test, target))
    }
  }

  private func folded(_ text: String) -> [UInt8] { Array(text.lowercased().utf8) }
}

extension JSON {
  /// The scalar in a form that is the same for numbers of one value.
  fileprivate var byValue: JSON {
    guard case .double(let number) = self, let whole = Int64(exactly: number) else { return self }
    return .integer(whole)
  }
}
