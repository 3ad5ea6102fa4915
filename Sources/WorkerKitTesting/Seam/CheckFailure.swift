/// What a check found broken, and where it says so.
public struct CheckFailure: Error, Sendable, CustomStringConvertible {
  /// What should have been.
  public let message: String
  /// The check's file, as `#fileID` gives it.
  public let file: String
  public let line: Int
  /// Which check, driver and seed: set where the check was run.
  public internal(set) var place = ""

  /// Describes a broken promise.
  public init(_ message: String, file: String = #fileID, line: Int = #line) {
    self.message = message
    self.file = file
    self.line = line
  }

  /// One line for a person.
  public var description: String { "\(place.isEmpty ? "" : place + ": ")\(message) (\(file):\(line))" }
}

/// Ends a check that finds `condition` false.
func expect(
  _ condition: Bool, _ message: String, file: String = #fileID, line: Int = #line
) throws(CheckFailure) {
  if !condition { throw CheckFailure(message, file: file, line: line) }
}

/// Ends a check that finds something else than it should.
func expect<Value: Equatable>(
  _ found: Value, is wanted: Value, _ message: String, file: String = #fileID, line: Int = #line
) throws(CheckFailure) {
  if found != wanted {
    throw CheckFailure("\(message) Found \(found), wanted \(wanted).", file: file, line: line)
  }
}

/// Ends a check that finds nothing.
func require<Value>(
  _ value: Value?, _ message: String, file: String = #fileID, line: Int = #line
) throws(CheckFailure) -> Value {
  guard let value else { throw CheckFailure(message, file: file, line: line) }
  return value
}
