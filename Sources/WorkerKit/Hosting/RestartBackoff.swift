/// How long to wait before a process that died is started again: 1 s, 2 s, 4 s, … up to 30 s, and 1 s again after one
/// that lived for a minute. Pure.
public struct RestartBackoff: Sendable, Hashable {
  /// What to do about a death.
  public enum Step: Sendable, Hashable {
    /// Start another after this wait.
    case restart(after: Duration)
    /// So many in a row died too soon, and nobody wants another.
    case giveUp(quickDeaths: Int)
  }

  /// After how many quick deaths in a row to give up; nil for never.
  public let giveUpAfter: Int?
  private var quickDeaths = 0

  /// The first wait.
  public static let initial = Duration.seconds(1)
  /// The longest wait.
  public static let longest = Duration.seconds(30)
  /// How long a process lives that counts as healthy.
  public static let healthy = Duration.seconds(60)

  /// Starts counting.
  public init(giveUpAfter: Int? = nil) { self.giveUpAfter = giveUpAfter }

  /// Takes in a death and says what to do about it; `lifetime` is how long the process lived.
  public mutating func next(afterLifetime lifetime: Duration) -> Step {
    quickDeaths = lifetime >= Self.healthy ? 0 : quickDeaths + 1
    if let giveUpAfter, quickDeaths >= giveUpAfter { return .giveUp(quickDeaths: quickDeaths) }
    return .restart(after: min(Self.longest, Self.initial * (1 << min(max(0, quickDeaths - 1), 10))))
  }
}
