import Synchronization
import WorkerKit

/// A place where workers of a test wait until the test opens it.
final class Gate: Sendable {
  private struct State {
    var isOpen = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let opened = Signal()
  private let state = Mutex(State())

  /// Lets everybody through, now and later.
  func open() {
    let waiting = state.withLock { state in
      state.isOpen = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
    opened.raise()
  }

  /// Waits as a good worker does: throws `CancellationError` when the task is cancelled.
  func pass() async throws {
    await opened.wait(after: 0)
    try Task.checkCancellation()
  }

  /// Waits whatever happens, as a bad worker does.
  func passDeafly() async {
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        if !state.isOpen { state.waiting.append(continuation) }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
  }
}
