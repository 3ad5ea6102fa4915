import DriverThreads
import WorkerKit

/// Hears of pushes, so that a host that waits for work looks again at once: one connection that listens, on a thread of
/// its own that sleeps until something comes.
final class PostgresWaker: Sendable {
  private let board = WakingBoard<QueueName>()
  private let thread: BatchThread<PostgresWakerLoop>
  private let loop: PostgresWakerLoop

  /// What pushes are announced on, with the queue's name.
  static let channel = "millrace_queue"

  /// Starts a thread that does nothing until somebody waits.
  init(_ configuration: PostgresConfiguration, random: any RandomSource) {
    loop = PostgresWakerLoop(configuration: configuration, random: random, board: board)
    thread = BatchThread(name: "postgres-wake") { loops in
      for loop in loops { loop.run() }
    }
  }

  deinit {
    board.close()
    thread.close()
  }

  /// What is raised when something was pushed, and once whenever listening has begun: what came before that was missed.
  func signal(for queue: QueueName) -> Signal {
    let (signal, isFirst) = board.signal(for: queue)
    if isFirst { _ = thread.submit(loop) }
    return signal
  }

  /// Wakes who waits for a queue in this process.
  func raise(_ queue: QueueName) { board.raise(queue) }

  /// Wakes everybody in this process.
  func raiseAll() { board.raiseAll() }

  /// The call that tells those who wait for some of these queues, in a transaction that is nobody's but ours.
  static func announcement(to queues: Set<QueueName>, _ clock: PostgresQueueClock) -> PostgresCall {
    (announcing, [clock.parameter, .texts(queues.map(\.rawValue).sorted())])
  }

  static let announcing = """
    SELECT pg_notify('\(channel)', a.queue) FROM unnest($2::text[]) AS u (queue)
      JOIN queue_awaited a ON a.queue = u.queue AND a.until_at >= (SELECT \(PostgresQueueClock.now))
    """

  /// Hangs up.
  func close() async {
    board.close()
    await thread.closeAndWait()
  }
}
