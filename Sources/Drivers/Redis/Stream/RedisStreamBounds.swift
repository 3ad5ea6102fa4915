/// How much is taken from an event stream, and after which time.
public struct RedisStreamBounds: Sendable, Hashable {
  /// For how long nobody has to have looked at an entry that was taken and not settled, before another claims it.
  public var claimAfter: Duration
  /// The largest entry that is read, names and values together.
  public var entryBytes: Int
  /// After how many bytes a batch has enough.
  public var batchBytes: Int
  /// The most dead letters. Where there are as many, what is refused stays in the stream.
  public var deadLetters: Int

  /// Sets bounds. An entry of the standard size has room for the largest payload, however it is escaped.
  public init(
    claimAfter: Duration = .seconds(30), entryBytes: Int = 2 << 20, batchBytes: Int = 8 << 20,
    deadLetters: Int = 10_000
  ) {
    self.claimAfter = claimAfter
    self.entryBytes = entryBytes
    self.batchBytes = batchBytes
    self.deadLetters = deadLetters
  }
}
