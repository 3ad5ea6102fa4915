public import WorkerKit

/// The names of an event stream and of its dead letters. Both have one hash slot.
public struct RedisStreamKeys: Sendable, Hashable {
  /// Where events are added: `XADD millrace:events * event '…'`.
  public let stream: String
  /// Where those go that may not come in: `{millrace:events}:dead`.
  public let dead: String

  /// The stream of those who name no other.
  public static let standard = RedisStreamKeys(known: "millrace:events")

  /// Names a stream.
  /// - Throws: An error of kind refused where the name is empty, longer than 200 bytes, or has braces: these would give
  ///   the dead letters another slot.
  public init(stream: String) throws(DriverError) {
    guard (1...200).contains(stream.utf8.count), !stream.contains(where: { "{}".contains($0) }) else {
      throw DriverError(.refused, "redis_stream_name", "A stream's name has 1 to 200 bytes and no braces.")
    }
    self.init(known: stream)
  }

  private init(known stream: String) {
    self.stream = stream
    dead = "{\(stream)}:dead"
  }
}
