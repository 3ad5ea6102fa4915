import DriverThreads
import Synchronization
import WorkerKit

/// Keeps a pool from hammering a server that cannot be reached: after a failure nobody tries for a while, longer each
/// time, and whoever asks meanwhile is told at once what the last one was told.
final class PostgresBackoff: Sendable {
  private struct State {
    var waits: ReconnectBackoff
    var error: DriverError?
    var next = ContinuousClock.now
  }

  private let state: Mutex<State>

  init(random: any RandomSource) { state = Mutex(State(waits: ReconnectBackoff(random: random))) }

  /// Throws the last error while it is too early for another try.
  func check() throws(DriverError) {
    let error = state.withLock { state in
      ContinuousClock.now < state.next ? state.error : nil
    }
    if let error { throw error }
  }

  func succeeded() {
    state.withLock { state in
      state.waits.reset()
      state.error = nil
    }
  }

  func failed(_ error: DriverError) {
    state.withLock { state in
      state.error = error
      state.next = ContinuousClock.now + state.waits.next()
    }
  }
}
