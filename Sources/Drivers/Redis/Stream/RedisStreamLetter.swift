public import WorkerKit

/// An entry of an event stream that may not come in.
public struct RedisStreamLetter: Sendable, Hashable {
  /// What it is called among the dead letters: milliseconds since 1970 by the server's clock, when it was refused, a
  /// hyphen and a number.
  public let id: String
  /// What it was called in the stream.
  public let entry: String
  /// Why it was refused.
  public let refusal: StreamRefusal
  /// The bytes of its fields, names and values together.
  public let size: Int

  /// When it was refused.
  public var refusedAt: Timestamp { Timestamp(milliseconds: Int64(id.prefix { $0 != "-" }) ?? 0) }
}

/// A page of dead letters, oldest first.
public struct RedisStreamLetters: Sendable, Hashable {
  public let letters: [RedisStreamLetter]
  /// The newest of all; nil where there is none.
  public let last: String?
}

/// What became of a dead letter that is to go back into the stream.
public enum RedisStreamReplay: String, Sendable, Hashable {
  /// It is at the end of the stream now.
  case replayed
  /// There is no such dead letter.
  case missing
  /// It has more fields than can be put back; an event may be put in its place.
  case tooManyFields = "too_many_fields"
}
