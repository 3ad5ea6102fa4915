/// Finds which of many ranges hold a number: a segment tree over the ends of the ranges
/// (M. de Berg et al., "Computational Geometry", section 10.3), so that a search costs a logarithm and what it finds.
struct RangeTable {
  private let ends: [ExactNumber]
  private var tree: [[Int]]

  init(_ entries: [(range: NumericRange, target: Int)]) {
    let all = entries.flatMap { [$0.range.lower?.exact, $0.range.upper?.exact].compactMap(\.self) }
    ends = Set(all).sorted()
    // A slot for each end, and one for each gap before, between and after them.
    tree = Array(repeating: [], count: 2 * (2 * ends.count + 1))
    for entry in entries { insert(entry.range, entry.target) }
  }

  var isEmpty: Bool { ends.isEmpty }

  /// Adds the targets of the ranges that hold `number`.
  func find(_ number: ExactNumber, into found: inout [Int], work: inout Int) {
    let position = position(of: number, work: &work)
    let isEnd = position < ends.count && ends[position] == number
    var at = 2 * position + (isEnd ? 1 : 0) + slots
    while at >= 1 {
      work += 1
      found += tree[at]
      at /= 2
    }
  }

  private var slots: Int { 2 * ends.count + 1 }

  private mutating func insert(_ range: NumericRange, _ target: Int) {
    var work = 0
    var low = slots + (range.lower.map { 2 * position(of: $0.exact, work: &work) + ($0.isIncluded ? 1 : 2) } ?? 0)
    var high =
      slots + (range.upper.map { 2 * position(of: $0.exact, work: &work) + ($0.isIncluded ? 2 : 1) } ?? slots)
    while low < high {
      if low % 2 == 1 {
        tree[low].append(target)
        low += 1
      }
      if high % 2 == 1 {
        high -= 1
        tree[high].append(target)
      }
      low /= 2
      high /= 2
    }
  }

  /// The position of the first end that is not less.
  private func position(of number: ExactNumber, work: inout Int) -> Int {
    var (low, high) = (0, ends.count)
    while low < high {
      work += 1
      let middle = (low + high) / 2
      if ends[middle] < number { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
