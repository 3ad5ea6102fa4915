import WorkerKit

/// How long to leave a server alone that could not be reached: doubling from 50 ms to 2 s, a random part of it off, so
/// that hosts do not come back all at once.
struct RedisBackoff: Sendable {
  private let random: any RandomSource
  private var failures = 0

  static let longest = Duration.seconds(2)

  init(random: any RandomSource) { self.random = random }

  mutating func next() -> Duration {
    let length = min(Self.longest, .milliseconds(50) * (1 << min(failures, 10)))
    failures += 1
    return length * (0.5 + random.unit() / 2)
  }

  mutating func reset() { failures = 0 }
}
