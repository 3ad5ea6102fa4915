import Synchronization
public import WorkerKit

/// Tells whether a loop that should never end still goes round.
public final class Pulse: Sendable {
  private let time: any TimeSource
  private let last = Mutex<Duration?>(nil)

  /// A pulse that has not begun.
  public init(time: any TimeSource) { self.time = time }

  /// Notes that the loop has gone round without an error.
  public func beat() { last.withLock { $0 = time.monotonic } }

  /// How long ago the last beat was; nil where there was none.
  public var age: Duration? { last.withLock { $0 }.map { time.monotonic - $0 } }
}
