/// Submissions that wait for a free transfer, first come, first served.
///
/// It is looked at each time the thread wakes, so it remembers its earliest deadline instead of searching for it.
struct WaitingLine {
  private var submissions: [Submission] = []
  /// No waiting submission's deadline is earlier than this; nil if there is none.
  private(set) var earliestDeadline: ContinuousClock.Instant?

  mutating func append(_ more: [Submission]) {
    submissions += more
    for submission in more { include(submission.transfer.deadline) }
  }

  /// Takes out all whose deadline has passed.
  mutating func takeExpired(at now: ContinuousClock.Instant) -> [Submission] {
    guard let earliestDeadline, earliestDeadline <= now else { return [] }
    let expired = submissions.filter { $0.transfer.deadline <= now }
    submissions.removeAll { $0.transfer.deadline <= now }
    self.earliestDeadline = submissions.map(\.transfer.deadline).min()
    return expired
  }

  /// Takes out the first `count`, or as many as there are.
  mutating func take(_ count: Int) -> [Submission] {
    let first = Array(submissions.prefix(count))
    submissions.removeFirst(first.count)
    if submissions.isEmpty { earliestDeadline = nil }
    return first
  }

  /// Takes out the submission of `transfer`, if it waits here.
  mutating func take(_ transfer: Transfer) -> Submission? {
    submissions.firstIndex { $0.transfer === transfer }.map { submissions.remove(at: $0) }
  }

  private mutating func include(_ deadline: ContinuousClock.Instant) {
    earliestDeadline = earliestDeadline.map { min($0, deadline) } ?? deadline
  }
}
