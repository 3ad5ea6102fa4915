public import WorkerKit

/// A clock that runs faster than the machine's, so that leases run out and pushes come late while a test lasts: for
/// tests beside real servers, whose time nobody can set.
public struct FastTime: TimeSource {
  private let speed: Int
  private let base = SystemTime()
  private let start: Timestamp
  private let origin: Duration

  /// A clock that starts at the present moment and runs `speed` times as fast.
  public init(speed: Int = 10) {
    self.speed = speed
    start = base.now
    origin = base.monotonic
  }

  public var now: Timestamp { start + monotonic }
  public var monotonic: Duration { (base.monotonic - origin) * speed }

  public func sleep(for length: Duration) async throws { try await base.sleep(for: length / speed) }
}
