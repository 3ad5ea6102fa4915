/// A text that names one kind of thing and cannot be mistaken for another kind.
///
/// Conformers are one-field structs: a `QueueName` and a `WorkerName` are both texts, and the compiler keeps them
/// apart.
public protocol TextName: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible,
  ExpressibleByStringLiteral
where RawValue == String {
  /// Wraps `rawValue` without checking it; what comes from outside is checked where it is decoded.
  init(rawValue: String)
}

extension TextName {
  /// Wraps a text without checking it.
  public init(_ text: String) { self.init(rawValue: text) }
  /// Wraps a literal.
  public init(stringLiteral value: String) { self.init(rawValue: value) }
  /// The text itself.
  public var description: String { rawValue }
  /// Orders by the text's Unicode scalars.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// The kind of work, by name: `media.thumbnails`.
public struct WorkerName: TextName {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
}

/// A named lane of jobs that worker hosts take from.
public struct QueueName: TextName {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }

  /// The queue of every worker that does not name another.
  public static let standard: QueueName = "default"
}

/// A pipeline's name, as its file gives it.
public struct PipelineName: TextName {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
}

/// A stage's name, unique within its pipeline.
public struct StageName: TextName {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
}

/// A pipeline file's content hash: SHA-256 in lower-case hexadecimal, 64 characters.
public struct RevisionHash: TextName {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
}

/// The tenant that an event, and all that follows from it, belongs to.
public struct TenantID: TextName {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
}

/// An event's id: a ULID, or any text of 1 to 128 characters that its sender chose.
public struct EventID: TextName {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
}

/// A run's id: a ULID in its 26-character form.
public struct RunID: TextName {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
}

/// A job's id: its run's id, a hyphen, its stage's name; for one element of a list also a dot and the element's index.
public struct JobID: TextName {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }

  /// The id of a run's job for a stage, or for one element of the stage's list; it leads back to the run.
  public init(run: RunID, stage: StageName, index: Int? = nil) {
    let place = "\(run.rawValue)-\(stage.rawValue)"
    rawValue = index.map { "\(place).\($0)" } ?? place
  }
}

/// A worker host's id: a ULID in its 26-character form, new at each start.
public struct HostID: TextName {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
}
