import FoundationEssentials

/// The machine's own clocks.
public struct SystemTime: TimeSource {
  private static let start = ContinuousClock.now

  /// The machine's clocks.
  public init() {}

  public var now: Timestamp { Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000)) }
  public var monotonic: Duration { Self.start.duration(to: .now) }
  public func sleep(for length: Duration) async throws { try await Task.sleep(for: length, clock: .continuous) }
}

/// The machine's own random numbers.
public struct SystemRandom: RandomSource {
  /// The machine's random numbers.
  public init() {}

  public func next() -> UInt64 {
    var generator = SystemRandomNumberGenerator()
    return generator.next()
  }
}

extension Environment {
  /// The real world.
  public static let system = Environment(time: SystemTime(), random: SystemRandom())
}
