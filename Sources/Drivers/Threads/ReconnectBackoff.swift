public import WorkerKit

/// How long to leave a server alone that could not be reached: doubling from 50 ms to 2 s, a random part of it off, so
/// that processes that lost one server together do not come back together.
public struct ReconnectBackoff: Sendable {
  private let random: any RandomSource
  private var failures = 0

  private static let shortest = Duration.milliseconds(50)
  private static let longest = Duration.seconds(2)

  /// Begins with the shortest wait.
  public init(random: any RandomSource) { self.random = random }

  /// The wait after another failure.
  public mutating func next() -> Duration {
    let length = min(Self.longest, Self.shortest * (1 << min(failures, 10)))
    failures += 1
    return length * (0.5 + random.unit() / 2)
  }

  /// Begins anew, since the server was reached.
  public mutating func reset() { failures = 0 }
}
