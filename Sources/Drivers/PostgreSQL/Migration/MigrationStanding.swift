/// A step of a sequence, and whether a database has it.
public struct MigrationStanding: Sendable, Hashable {
  /// Whose step it is.
  public let owner: String
  /// Its number among the owner's steps, from 1.
  public let number: Int
  /// What it does.
  public let name: String
  /// When it was applied, in RFC 3339; nil where it is still to come.
  public let appliedAt: String?

  /// True when the database has it.
  public var isApplied: Bool { appliedAt != nil }
}
