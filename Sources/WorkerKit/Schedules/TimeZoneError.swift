/// Why the rules of a time zone could not be read.
public struct TimeZoneError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What the matter is.
  public enum Kind: String, Sendable, Hashable {
    /// The text cannot be a zone's name.
    case invalidName = "invalid_name"
    /// The database has no zone of this name.
    case unknown
    /// The machine has no time zone database.
    case noDatabase = "no_database"
    /// The zone's file is not one.
    case damaged
  }

  public let kind: Kind
  /// The name that was asked for.
  public let name: String
  /// What is wrong with the name, as the rest of a sentence that begins with it.
  public let message: String
  /// What to do, where that can be guessed.
  public let hint: String?

  init(_ kind: Kind, _ name: String, _ message: String, hint: String? = nil) {
    self.kind = kind
    self.name = String(name.prefix(64))
    self.message = message
    self.hint = hint
  }

  /// One line for a person, without the hint.
  public var description: String { "'\(name)' \(message)" }
}
