/// How often, and after what waits, a failing job is tried again.
///
/// The wait before attempt n + 1 is drawn uniformly from 0 to `min(longest, initial × 2ⁿ⁻¹)`: exponential backoff with
/// full jitter (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015). Full jitter spreads a
/// thousand jobs that failed together, so that they do not come back together.
public struct RetryPolicy: Sendable, Hashable {
  /// Attempts in all, the first included; at least 1.
  public let attempts: Int
  /// The longest wait after the first attempt.
  public let initial: Duration
  /// The longest wait after any attempt.
  public let longest: Duration

  /// Describes a policy; fewer than one attempt counts as one.
  public init(attempts: Int = 6, initial: Duration = .seconds(1), longest: Duration = .seconds(300)) {
    self.attempts = max(1, attempts)
    self.initial = initial
    self.longest = longest
  }

  /// Six attempts, waits of up to 1 s, 2 s, 4 s, … and never over 5 minutes.
  public static let standard = RetryPolicy()

  /// The wait after the `attempt`-th attempt failed; `chance` in 0 ..< 1 draws it. Never below `atLeast`.
  public func wait(after attempt: Int, chance: Double, atLeast: Duration? = nil) -> Duration {
    let doublings = min(max(0, attempt - 1), 40)
    let ceiling = min(longest, initial * (1 << doublings))
    return max(ceiling * chance, atLeast ?? .zero)
  }
}
