/// Finds which of many keys a text begins with.
///
/// The keys are sorted, and each knows the longest other that it begins with. All keys that a text begins with lie on
/// the way up from the greatest key that is not after the text: one binary search finds them.
struct PrefixTable {
  private let keys: [[UInt8]]
  private let targets: [[Int]]
  /// The position of the longest proper prefix among the keys; -1 where there is none.
  private let parents: [Int]

  init(_ entries: [[UInt8]: [Int]]) {
    let sorted = entries.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    keys = sorted.map(\.key)
    targets = sorted.map(\.value)
    var (parents, open) = ([Int](), [Int]())
    for (index, entry) in sorted.enumerated() {
      while let last = open.last, !entry.key.starts(with: sorted[last].key) { open.removeLast() }
      parents.append(open.last ?? -1)
      open.append(index)
    }
    self.parents = parents
  }

  var isEmpty: Bool { keys.isEmpty }

  /// Adds the targets of the keys that `text` begins with.
  func find(_ text: [UInt8], into found: inout [Int], work: inout Int) {
    var (low, high) = (0, keys.count)
    while low < high {
      work += 1
      let middle = (low + high) / 2
      if text.lexicographicallyPrecedes(keys[middle]) { high = middle } else { low = middle + 1 }
    }
    guard low > 0 else { return }
    var index = low - 1
    var shared = 0
    let last = keys[index]
    while shared < min(last.count, text.count), last[shared] == text[shared] { shared += 1 }
    while index >= 0 {
      work += 1
      if keys[index].count <= shared { found += targets[index] }
      index = parents[index]
    }
  }
}
