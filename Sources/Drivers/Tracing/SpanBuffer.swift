import Synchronization
import WorkerKit

/// Spans between their end and the spool. Putting one in takes a lock and nothing else: it never waits.
final class SpanBuffer: Sendable {
  private struct State {
    var spans: [FinishedSpan] = []
    var isHurried = false
    /// How many were taken out and are not kept yet.
    var leaving = 0
  }

  private let state = Mutex(State())
  private let arrived = Signal()
  private let ripe = Signal()

  /// The spans of one batch.
  static let batch = 512
  /// The most that wait when the disk is slower than the work.
  static let limit = 32_768
  /// The longest that a span waits for others: what a killed process loses.
  static let interval = Duration.milliseconds(500)

  /// True where nothing is on its way.
  var isEmpty: Bool { state.withLock { $0.spans.isEmpty && $0.leaving == 0 } }

  /// Puts a span in; false where there is no room.
  func put(_ span: FinishedSpan) -> Bool {
    let count = state.withLock { state in
      guard state.spans.count < Self.limit else { return 0 }
      state.spans.append(span)
      return state.spans.count
    }
    if count == 1 { arrived.raise() }
    if count == Self.batch { ripe.raise() }
    return count > 0
  }

  /// Lets nothing wait for others any more.
  func hurry() {
    state.withLock { $0.isHurried = true }
    ripe.raise()
  }

  /// Returns when there is a batch, or when the first span has waited long enough, or the task is cancelled.
  func wait(on time: any TimeSource) async {
    let seen = arrived.count
    if state.withLock({ $0.spans.isEmpty }) { await arrived.wait(after: seen) }
    let full = ripe.count
    let isRipe = state.withLock { $0.isHurried || $0.spans.count >= Self.batch }
    if !isRipe { await ripe.wait(after: full, atMost: Self.interval, on: time) }
  }

  /// Takes everything out; `left` says when it is kept.
  func takeAll() -> [FinishedSpan] {
    state.withLock { state in
      defer { state.spans = [] }
      state.leaving += state.spans.count
      return state.spans
    }
  }

  /// Notes that what was taken out is kept, or lost.
  func left(_ count: Int) { state.withLock { $0.leaving -= count } }
}
