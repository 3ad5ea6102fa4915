/// How much a limit lets through for each of its keys.
public struct LimitRule: Hashable, Sendable {
  /// How many jobs may start in a time; nil for any number.
  public var rate: Rate?
  /// How many may be under way at once; nil for any number.
  public var concurrency: Int?

  /// Describes a rule.
  public init(rate: Rate? = nil, concurrency: Int? = nil) {
    self.rate = rate
    self.concurrency = concurrency
  }
}

/// A token bucket, counted as the generic cell rate algorithm does (ITU-T I.371, annex A): of each key one moment is
/// kept, that at which its bucket will be full again, and of a key that is idle nothing.
public struct Rate: Hashable, Sendable {
  /// How many jobs may start, and in how long.
  public let count: Int
  public let per: Duration
  /// How many may start at once after a rest.
  public let burst: Int

  /// Describes a rate. Without a burst it is what comes in a tenth of a second, and at least 1, so that what is asked
  /// for is reached, and evenly.
  public init(_ count: Int, per: Duration, burst: Int? = nil) {
    self.count = max(1, count)
    self.per = max(.milliseconds(1), per)
    let seconds = Double(self.per.microseconds) / 1_000_000
    self.burst = burst ?? max(1, Int(Double(self.count) / seconds / 10))
  }

  /// How long a token takes to come, in microseconds; rounded up, so that the rate is never exceeded.
  public var interval: Int64 { (per.microseconds + Int64(count) - 1) / Int64(count) }

  /// How far ahead of the time a bucket may be drawn, in microseconds.
  public var tolerance: Int64 { Int64(burst - 1) * interval }

  /// How many jobs may start at `now`, of a bucket that is full at `full`; all in microseconds.
  public func allowed(at now: Int64, full: Int64) -> Int {
    let start = start(of: full, at: now)
    guard start <= now + tolerance else { return 0 }
    return Int((now + tolerance - start) / interval) + 1
  }

  /// When the next job may start, of a bucket that is full at `full`.
  public func next(after full: Int64) -> Int64 { full - tolerance }

  /// When a bucket is full that was full at `full`, after so many were taken out of it at `now`.
  public func full(after full: Int64, taking count: Int, at now: Int64) -> Int64 {
    start(of: full, at: now) + Int64(count) * interval
  }

  /// How much further ahead than this rate ever draws a bucket may be, in microseconds: clocks differ a little.
  private static let slack: Int64 = 1_000_000

  /// From when on a bucket is drawn. One that is further ahead than this rate can have drawn it was used up under a
  /// slower one that is no longer in force, and begins anew: nobody waits for a day once the rate is 5 a second.
  private func start(of full: Int64, at now: Int64) -> Int64 {
    full > now + 2 * (tolerance + interval) + Self.slack ? now : max(full, now)
  }
}
