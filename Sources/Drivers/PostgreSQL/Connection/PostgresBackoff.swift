import Synchronization
import WorkerKit

/// Keeps a pool from hammering a server that cannot be reached: after a failure nobody tries for a while, longer each
/// time, and whoever asks meanwhile is told at once what the last one was told.
final class PostgresBackoff: Sendable {
  private struct State {
    var failures = 0
    var error: DriverError?
    var next = ContinuousClock.now
  }

  private let random: any RandomSource
  private let state = Mutex(State())

  private static let shortest: Duration = .milliseconds(50)
  private static let longest: Duration = .seconds(2)

  init(random: any RandomSource) { self.random = random }

  /// Throws the last error while it is too early for another try.
  func check() throws(DriverError) {
    let error = state.withLock { state in
      ContinuousClock.now < state.next ? state.error : nil
    }
    if let error { throw error }
  }

  func succeeded() { state.withLock { $0 = State() } }

  func failed(_ error: DriverError) {
    state.withLock { state in
      let length = min(Self.longest, Self.shortest * (1 << min(state.failures, 10)))
      state.failures += 1
      state.error = error
      // Processes that lost one server together must not come back together.
      state.next = ContinuousClock.now + length * (0.5 + random.unit() / 2)
    }
  }
}
