/// The world as WorkerKit sees it: time, chance and new ids.
///
/// Everything that needs one of them is handed this, so that a test or a simulator can stand in for the world.
public struct Environment: Sendable {
  /// Where moments and waiting come from.
  public let time: any TimeSource
  /// Where chance comes from.
  public let random: any RandomSource

  /// Puts a world together.
  public init(time: any TimeSource, random: any RandomSource) {
    self.time = time
    self.random = random
  }

  /// A new ULID at the present moment.
  public func ulid() -> ULID {
    ULID(at: time.now, randomHigh: UInt16(truncatingIfNeeded: random.next()), randomLow: random.next())
  }

  /// A new ULID's text.
  public func id() -> String { ulid().description }
}

/// A source of moments, of lengths of time, and of waiting.
public protocol TimeSource: Sendable {
  /// The wall clock: for people and for rows. It may step.
  var now: Timestamp { get }
  /// Time since some fixed start, on a clock that never steps and does not stop while the machine is suspended.
  var monotonic: Duration { get }
  /// Names what `monotonic` counts from, such as one start of the machine: moments of sources that name the same can be
  /// compared. Empty where nothing is known.
  var monotonicOrigin: String { get }
  /// Nanoseconds since 1970-01-01T00:00:00Z on the wall clock, as finely as the source has them: for spans.
  var nanosecondsSinceEpoch: UInt64 { get }
  /// Suspends the task for `length`; throws `CancellationError` when the task is cancelled meanwhile.
  func sleep(for length: Duration) async throws
}

extension TimeSource {
  public var monotonicOrigin: String { "" }
  public var nanosecondsSinceEpoch: UInt64 { SpanMoment(now).nanosecondsSinceEpoch }
}

/// A source of uniformly distributed bits.
public protocol RandomSource: Sendable {
  /// The next 64 bits.
  func next() -> UInt64
}

extension RandomSource {
  /// A number in 0 ..< 1, from 53 random bits.
  public func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
