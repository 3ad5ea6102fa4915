/// Which of a queue's jobs go first: every one that is due of a higher priority, before any of a lower.
public enum Priority: String, Sendable, Hashable, CaseIterable, Comparable {
  case high, normal, low

  /// Its place in line: 0 goes first.
  public var rank: Int {
    switch self {
    case .high: 0
    case .normal: 1
    case .low: 2
    }
  }

  /// The priority of a rank that `rank` gave; normal for any other number.
  public init(rank: Int) { self = Self.allCases.first { $0.rank == rank } ?? .normal }

  /// What goes first is the lesser.
  public static func < (left: Priority, right: Priority) -> Bool { left.rank < right.rank }
}
