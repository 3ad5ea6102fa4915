import Synchronization

/// How the memory of a process grows from job to job.
final class ChildUse: Sendable {
  private let afterFirst = Mutex(Int?.none)

  /// True when the process should be replaced: it holds half of what it may have, or clearly more than after its first
  /// job.
  func hasGrown(to resident: Int?, of limit: Int) -> Bool {
    guard let resident else { return false }
    return afterFirst.withLock { first in
      let base = first ?? resident
      first = base
      return resident > limit / 2 || resident > base + max(32 << 20, limit / 8)
    }
  }
}
