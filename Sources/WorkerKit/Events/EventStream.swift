/// A wire by which others send events: a Redis stream, for instance.
///
/// What lies in it is not accepted yet: it is when the store has recorded it. So entries are taken, their events are
/// recorded, and only then they are settled, which removes them. Whoever dies in between leaves them to others, who
/// take them again after a while; recording knows what was recorded before. Any number of processes take from one
/// stream, each from an instance of its own, and none leads.
public protocol EventStream: Sendable {
  /// Takes up to `limit` entries, first those that somebody took long ago and never settled. Where there is none it
  /// waits a moment for one, a second at most.
  func take(limit: Int) async throws(DriverError) -> StreamBatch

  /// Removes entries that this instance has taken: those that were recorded, and those that were refused, which are
  /// kept as dead letters with all that they held. Both at once: an entry is in one place at any time. One that
  /// somebody else has taken meanwhile is left to them.
  func settle(_ verdicts: [StreamVerdict]) async throws(DriverError) -> StreamSettling
}

/// What was taken from a stream in one go.
public struct StreamBatch: Sendable {
  public let entries: [StreamEntry]
  /// How many entries the stream holds, with those that were taken and not settled.
  public let waiting: Int
  /// How many dead letters it has.
  public let dead: Int

  /// Describes a batch.
  public init(entries: [StreamEntry], waiting: Int, dead: Int) {
    self.entries = entries
    self.waiting = waiting
    self.dead = dead
  }
}

/// An entry of a stream, as its sender has put it there.
public struct StreamEntry: Sendable, Hashable {
  /// What an entry holds.
  public enum Content: Sendable, Hashable {
    /// Its fields, in their order.
    case fields([StreamField])
    /// It is so large that it was not read: this many bytes.
    case oversized(Int)
  }

  /// What the stream calls it.
  public let id: String
  public let content: Content

  /// Describes an entry.
  public init(id: String, content: Content) {
    self.id = id
    self.content = content
  }
}

/// A field of a stream's entry. Nothing is known of its bytes.
public struct StreamField: Sendable, Hashable {
  public let name: String
  public let value: [UInt8]

  /// Describes a field.
  public init(name: String, value: [UInt8]) {
    self.name = name
    self.value = value
  }
}

/// Why an entry may not come in.
public struct StreamRefusal: Error, Sendable, Hashable {
  /// A short fixed word, safe as a metric's label: `not_json`.
  public let code: String
  /// What is wrong, for a person. It quotes no value.
  public let reason: String

  /// Describes a refusal.
  public init(_ code: String, _ reason: String) {
    self.code = code
    self.reason = reason
  }
}

/// What became of an entry.
public enum StreamVerdict: Sendable, Hashable {
  /// The store has recorded its event, now or before.
  case recorded(id: String)
  /// It may not come in.
  case refused(id: String, StreamRefusal)
}

/// What settling came to.
public struct StreamSettling: Sendable, Hashable {
  /// How many entries are dead letters now.
  public let buried: Int
  /// How many were refused and stay where they are, since there is no room for more dead letters.
  public let held: Int

  /// Describes what settling came to.
  public init(buried: Int, held: Int) {
    self.buried = buried
    self.held = held
  }
}
