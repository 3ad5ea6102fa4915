import DriverThreads
import WorkerKit

/// What the listening thread does: sleeps until something comes, and connects again when the server is gone.
struct PostgresWakerLoop: Sendable {
  let configuration: PostgresConfiguration
  let random: any RandomSource
  let state: PostgresWakerState

  /// After this long without a word the server is asked whether it is still there.
  static let silence = Duration.seconds(10)

  func run() {
    var backoff = ReconnectBackoff(random: random)
    while !state.isClosed {
      do throws(DriverError) {
        try listen { backoff.reset() }
      } catch {
        _ = state.sleep(on: nil, atMost: backoff.next())
      }
    }
  }

  /// Listens until closed; throws when the connection breaks.
  private func listen(onceConnected: () -> Void) throws(DriverError) {
    let connection = try PostgresConnection(configuration)
    _ = try connection.exchangeAlone([PostgresStatement("LISTEN \(PostgresWaker.channel)")])
    onceConnected()
    state.raiseAll()
    while !state.isClosed {
      if state.sleep(on: connection.descriptor, atMost: Self.silence) {
        for queue in Set(try connection.announced()) { state.raise(QueueName(queue)) }
      } else if !state.isClosed {
        _ = try connection.exchangeAlone([PostgresStatement("SELECT 1")])
        // What came with the answer was read with it.
        for queue in Set(try connection.announced()) { state.raise(QueueName(queue)) }
      }
    }
  }
}
