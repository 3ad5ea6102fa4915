/// Which numbers from 0 to 63 a field of a cron expression admits.
struct CronSet: Sendable, Hashable {
  private var bits: UInt64 = 0

  mutating func insert(_ number: Int) { bits |= 1 << UInt64(number) }

  mutating func formUnion(_ other: CronSet) { bits |= other.bits }

  /// The same set in which one number stands for another.
  func replacing(_ number: Int, with other: Int) -> CronSet {
    guard contains(number) else { return self }
    var set = CronSet()
    set.bits = bits & ~(1 << UInt64(number))
    set.insert(other)
    return set
  }

  func contains(_ number: Int) -> Bool { bits & (1 << UInt64(number)) != 0 }

  func contains(allOf numbers: ClosedRange<Int>) -> Bool { numbers.allSatisfy(contains) }

  /// The least member that is not below `bound`.
  func first(from bound: Int) -> Int? {
    let rest = bound < 64 ? bits & (.max << UInt64(bound)) : 0
    return rest == 0 ? nil : rest.trailingZeroBitCount
  }

  /// The greatest member that is not above `bound`.
  func last(to bound: Int) -> Int? {
    let rest = bound >= 0 ? bits & (.max >> UInt64(63 - min(63, bound))) : 0
    return rest == 0 ? nil : 63 - rest.leadingZeroBitCount
  }
}
