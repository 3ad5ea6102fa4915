internal import Synchronization
import WorkerKit

/// From where a process has to look for events that wait to be routed: not over the marks of all that it has routed,
/// which PostgreSQL keeps under a long transaction.
final class UnroutedBounds: Sendable {
  /// What one look has covered.
  struct Look: Sendable {
    /// The stretch of events that was looked at.
    let first: Int64
    let last: Int64
    /// The transactions that were under way, and may bring more to light within the stretch.
    let running: Set<String>
  }

  private let state = Mutex(State())

  private struct State {
    var bounds = OutboxBounds()
    var nextWhole: Duration?
  }

  /// How often all marks are looked at, whatever is known of them: a database that was restored gives numbers again.
  private static let wholeInterval: Duration = .seconds(30)

  /// What is known at a moment of the steady clock.
  func bounds(at now: Duration) -> OutboxBounds {
    state.withLock { state in
      if let next = state.nextWhole, now < next { return state.bounds }
      state.bounds.reset()
      state.nextWhole = now + Self.wholeInterval
      return state.bounds
    }
  }

  /// Forgets what was looked at.
  func forget() { state.withLock { $0.bounds.reset() } }

  /// Notes a look whose transaction is committed.
  func note(_ look: Look) {
    state.withLock { $0.bounds.take(from: look.first, through: look.last, running: look.running) }
  }
}
