import DriverThreads
import WorkerKit

/// Hears of pushes, so that a host that waits for work looks again at once: one connection that subscribes to the
/// channels of the queues that are waited for, on a thread of its own that sleeps until something comes.
final class RedisWaker: Sendable {
  private let board = WakingBoard<String>()
  private let thread: BatchThread<RedisWakerLoop>
  private let settings: RedisSettings
  private let environment: Environment

  /// Starts a thread that does nothing until somebody waits.
  init(settings: RedisSettings, environment: Environment) {
    self.settings = settings
    self.environment = environment
    thread = BatchThread(name: "redis-wake") { loops in
      for loop in loops { loop.run() }
    }
  }

  deinit {
    board.close()
    thread.close()
  }

  /// What is raised when something was pushed, and once whenever listening has begun: what came before that was missed.
  func signal(for channel: String) -> Signal {
    let (signal, isFirst) = board.signal(for: channel)
    if isFirst {
      _ = thread.submit(RedisWakerLoop(settings: settings, environment: environment, board: board))
    }
    return signal
  }

  /// Hangs up.
  func close() async {
    board.close()
    await thread.closeAndWait()
  }
}
