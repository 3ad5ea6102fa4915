/// Finds which of many wildcards a text is like: first those whose longest piece it holds where it must, then, of
/// these alone, those that match.
struct WildcardTable {
  private var wildcards: [(wildcard: Wildcard, target: Int)] = []
  private let beginning: PrefixTable
  /// Keys are reversed.
  private let ending: PrefixTable
  private let within: SubstringTable
  /// Of stars alone.
  private let any: [Int]

  init(_ entries: [(wildcard: Wildcard, target: Int)]) {
    wildcards = entries
    var (beginning, ending, within) = ([[UInt8]: [Int]](), [[UInt8]: [Int]](), [[UInt8]: [Int]]())
    var any: [Int] = []
    for (index, entry) in entries.enumerated() {
      let pieces = entry.wildcard.pieces
      let longest = pieces.indices.max { pieces[$0].count < pieces[$1].count } ?? 0
      let piece = pieces.isEmpty ? [] : pieces[longest]
      if piece.isEmpty {
        any.append(index)
      } else if longest == 0 {
        beginning[piece, default: []].append(index)
      } else if longest == pieces.count - 1 {
        ending[piece.reversed(), default: []].append(index)
      } else {
        within[piece, default: []].append(index)
      }
    }
    self.beginning = PrefixTable(beginning)
    self.ending = PrefixTable(ending)
    self.within = SubstringTable(within)
    self.any = any
  }

  var isEmpty: Bool { wildcards.isEmpty }

  /// Adds the targets of the wildcards that `text` is like.
  func find(_ text: [UInt8], into found: inout [Int], work: inout Int) {
    var candidates = any
    if !beginning.isEmpty { beginning.find(text, into: &candidates, work: &work) }
    if !ending.isEmpty { ending.find(text.reversed(), into: &candidates, work: &work) }
    if !within.isEmpty { within.find(text, into: &candidates, work: &work) }
    for candidate in candidates.sortedOnce {
      work += 1
      if wildcards[candidate].wildcard.matches(text) { found.append(wildcards[candidate].target) }
    }
  }
}

extension [Int] {
  /// The elements in order, each once.
  var sortedOnce: [Int] {
    guard count > 1 else { return self }
    var kept: [Int] = []
    for element in sorted() where kept.last != element { kept.append(element) }
    return kept
  }
}
