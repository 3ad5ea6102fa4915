import Synchronization
import WorkerKit

/// What a process knows of the server's clock: how far it was ahead of its own steady one, when the server last said
/// what time it was. An answer is older than it looks, so that a moment worked out by it lies too early, never late.
final class PostgresServerTime: Sendable {
  private let offset = Mutex<Int64?>(nil)

  /// Notes the time that an answer names.
  func note(_ milliseconds: Int64, _ time: any TimeSource) {
    let monotonic = time.monotonic.milliseconds
    offset.withLock { $0 = milliseconds &- monotonic }
  }

  /// The server's time in milliseconds, `length` from now; nil where the server has not been asked yet.
  func moment(in length: Duration, _ time: any TimeSource) -> Int64? {
    offset.withLock { $0 }.map { $0 &+ (time.monotonic + length).milliseconds }
  }
}
