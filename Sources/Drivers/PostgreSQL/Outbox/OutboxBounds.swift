/// Where an outbox has to be looked at, so that entries that are long gone are not read again and again.
///
/// Under a long transaction PostgreSQL keeps deleted entries, and every look from the beginning would step over all of
/// them. A cursor that only goes up is no help: places are handed out before commits, so that it would skip whoever
/// commits late. So each stretch of places that was taken keeps the transactions that were under way when it was taken:
/// they alone can bring something to light there, by committing a row or by giving one back. A stretch is looked at
/// again when one of them has ended.
struct OutboxBounds: Equatable {
  /// Places that were taken, and whose transactions may still have rows there.
  struct Stretch: Equatable {
    let first: Int64
    var last: Int64
    var transactions: Set<String>
  }

  /// In order, without gaps; what comes after the last was never looked at.
  private(set) var stretches: [Stretch] = []

  /// The most stretches that are kept apart.
  static let limit = 64

  /// From where to look, given the transactions that are under way.
  func start(running: Set<String>) -> Int64 {
    if let waiting = stretches.first(where: { !$0.transactions.isSubset(of: running) }) { return waiting.first }
    return (stretches.last?.last ?? 0) + 1
  }

  /// Notes that all that could be seen from `first` to `last` was taken while `running` were under way.
  mutating func take(from first: Int64, through last: Int64, running: Set<String>) {
    guard first <= last else { return }
    var kept: [Stretch] = []
    for stretch in stretches {
      if stretch.first < first {
        kept.append(
          Stretch(first: stretch.first, last: min(stretch.last, first - 1), transactions: stretch.transactions))
      }
    }
    kept.append(Stretch(first: first, last: last, transactions: running))
    for stretch in stretches where stretch.last > last {
      kept.append(Stretch(first: max(stretch.first, last + 1), last: stretch.last, transactions: stretch.transactions))
    }
    stretches = Self.merged(kept)
  }

  /// Forgets everything: the next look begins at the beginning.
  mutating func reset() { stretches = [] }

  /// Neighbours that wait for the same are one; the oldest are one when there are too many.
  private static func merged(_ stretches: [Stretch]) -> [Stretch] {
    var merged: [Stretch] = []
    for stretch in stretches {
      if let last = merged.last, last.transactions == stretch.transactions {
        merged[merged.count - 1].last = stretch.last
      } else {
        merged.append(stretch)
      }
    }
    while merged.count > limit {
      merged[0].last = merged[1].last
      merged[0].transactions.formUnion(merged[1].transactions)
      merged.remove(at: 1)
    }
    return merged
  }
}
