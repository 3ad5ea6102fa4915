internal import Crypto
internal import WorkerKit

/// One step of a schema: statements that were run once, in one transaction, and are never changed again.
///
/// The release before it goes on working with the schema that it leaves: it adds tables, columns with defaults and
/// indexes, and takes nothing away. What a release has stopped to use leaves with a step of the next one.
public struct PostgresMigration: Sendable, Hashable {
  /// What it does, in a few words.
  public let name: String
  /// SQL statements, each with its semicolon.
  public let script: String

  /// Describes a step.
  public init(_ name: String, _ script: String) {
    self.name = name
    self.script = script
  }

  /// Tells a step that was changed from the one that was applied.
  public var checksum: String { SHA256.hash(data: Array(script.utf8)).hexadecimal }
}
