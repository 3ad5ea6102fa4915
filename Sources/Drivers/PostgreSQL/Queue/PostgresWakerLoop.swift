import DriverThreads
import WorkerKit

/// What the listening thread does: sleeps until something comes, and connects again when the server is gone.
struct PostgresWakerLoop: Sendable {
  let configuration: PostgresConfiguration
  let random: any RandomSource
  let board: WakingBoard<QueueName>

  /// After this long without a word the server is asked whether it is still there.
  static let silence = Duration.seconds(10)

  func run() {
    var backoff = ReconnectBackoff(random: random)
    while !board.isClosed {
      do throws(DriverError) {
        try listen { backoff.reset() }
      } catch {
        _ = board.sleep(on: nil, atMost: backoff.next())
      }
    }
  }

  /// Listens until closed; throws when the connection breaks.
  private func listen(onceConnected: () -> Void) throws(DriverError) {
    let connection = try PostgresConnection(configuration)
    _ = try connection.exchangeAlone([PostgresStatement("LISTEN \(PostgresWaker.channel)")])
    onceConnected()
    board.raiseAll()
    while !board.isClosed {
      switch board.sleep(on: connection.descriptor, atMost: Self.silence) {
      case .nudged: continue
      case .ready: break
      // What comes with the answer is read with it.
      case .silence: _ = try connection.exchangeAlone([PostgresStatement("SELECT 1")])
      }
      for queue in Set(try connection.announced()) { board.raise(QueueName(queue)) }
    }
  }
}
