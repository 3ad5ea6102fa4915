import Dispatch
import WorkerKit

/// Holds a driver's thread in the middle of something until a test lets it go on.
final class Gate: Sendable {
  private let arrived = Signal()
  private let leave = DispatchSemaphore(value: 0)

  /// Blocks the calling thread; for the bodies of transactions, which have a thread of their own.
  func hold() {
    arrived.raise()
    leave.wait()
  }

  /// Returns when a thread is held.
  func waitUntilHeld() async { await arrived.wait(after: 0) }

  /// Lets the thread go on.
  func open() { leave.signal() }
}
