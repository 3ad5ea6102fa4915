/// Why a verb of a store or a queue could not be carried out. Nothing of its batch was done.
public struct DriverError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What the caller can do about it.
  public enum Kind: String, Sendable, Hashable {
    /// The server or the file cannot be reached or is busy: the same call may work later.
    case unavailable
    /// The batch holds something that cannot be stored: the same call will never work; halve it.
    case refused
    /// The disk or the memory is full: the same call may work once there is room.
    case full
    /// What is stored cannot be read as what it should be: a person must look.
    case damaged
    /// The driver was closed.
    case closed
  }

  public let kind: Kind
  /// A short fixed word, safe as a metric's label: `sqlite_busy`.
  public let code: String
  /// A constant sentence that says what to do.
  public let message: String
  /// What varies: the library's own words, a path. Never a payload.
  public let detail: String

  /// Describes an error.
  public init(_ kind: Kind, _ code: String, _ message: String, detail: String = "") {
    self.kind = kind
    self.code = code
    self.message = message
    self.detail = detail
  }

  /// True when the same call may work later.
  public var isTransient: Bool { kind == .unavailable || kind == .full }

  /// One line for a person.
  public var description: String { detail.isEmpty ? "\(message) (\(code))" : "\(message) (\(code): \(detail))" }
}
