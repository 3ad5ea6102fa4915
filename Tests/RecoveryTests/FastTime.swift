import WorkerKit

/// A clock that runs ten times as fast as the machine's, so that leases run out and pushes come late while a test lasts.
struct FastTime: TimeSource {
  private static let speed = 10
  private let base = SystemTime()
  private let start: Timestamp
  private let origin: Duration

  init() {
    start = base.now
    origin = base.monotonic
  }

  var now: Timestamp { start + monotonic }
  var monotonic: Duration { (base.monotonic - origin) * Self.speed }

  func sleep(for length: Duration) async throws { try await base.sleep(for: length / Self.speed) }
}
