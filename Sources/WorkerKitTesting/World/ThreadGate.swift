internal import Dispatch
internal import WorkerKit

/// Holds a driver's thread in the middle of something until a test lets it go on.
package final class ThreadGate: Sendable {
  private let arrived = Signal()
  private let leave = DispatchSemaphore(value: 0)

  /// Nobody is held yet.
  package init() {}

  /// Blocks the calling thread; for the bodies of transactions, which have a thread of their own.
  package func hold() {
    arrived.raise()
    leave.wait()
  }

  /// Returns when a thread is held.
  package func waitUntilHeld() async { await arrived.wait(after: 0) }

  /// Lets the thread go on.
  package func open() { leave.signal() }
}
