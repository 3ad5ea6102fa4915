public import WorkerKit

/// The dead letters of an event stream, for a person who mends things.
public final class RedisDeadLetters: Sendable {
  private let keys: RedisStreamKeys
  private let connection: RedisConnection
  private let caller: RedisCaller

  /// Prepares a look at them; the first verb connects. A thread belongs to it.
  public init(_ settings: RedisSettings, keys: RedisStreamKeys = .standard, environment: Environment) {
    self.keys = keys
    connection = RedisConnection(settings: settings, environment: environment)
    caller = RedisCaller(connection: connection, keys: RedisKeys(prefix: settings.prefix), clock: .server)
  }

  /// Hangs up.
  public func close() async { await connection.close() }

  /// Up to `limit` dead letters after that one, or from the oldest on.
  public func page(after id: String? = nil, limit: Int) async throws(DriverError) -> RedisStreamLetters {
    let words = [id ?? "", String(limit)]
    let answer = try await caller.invoke(.dead, keys: [keys.dead]) { _ in words }.replies
    let letters = stride(from: 2, to: answer.count - 4, by: 5).map { start in
      RedisStreamLetter(
        id: answer[start].text, entry: answer[start + 1].text,
        refusal: StreamRefusal(answer[start + 2].text, answer[start + 3].text), size: answer.count(at: start + 4))
    }
    let last = answer.count > 1 ? answer[1].text : ""
    return RedisStreamLetters(letters: letters, last: last.isEmpty ? nil : last)
  }

  /// One dead letter, and the fields that its sender has given it; nil where there is none of that id.
  public func letter(_ id: String) async throws(DriverError) -> (letter: RedisStreamLetter, fields: [StreamField])? {
    let words = try await run(["XRANGE", keys.dead, id, id]).list.first?.list ?? []
    guard words.count == 2 else { return nil }
    let all = RedisEventStream.fields(words[1].list)
    guard all.count >= Self.head else { return nil }
    let texts = all[..<Self.head].map { String(decoding: $0.value, as: UTF8.self) }
    let fields = Array(all[Self.head...])
    let size = fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.count }
    let letter = RedisStreamLetter(
      id: words[0].text, entry: texts[2], refusal: StreamRefusal(texts[0], texts[1]), size: size)
    return (letter, fields)
  }

  /// Puts dead letters back at the end of the stream, as they were; answers for each.
  public func replay(_ ids: [String]) async throws(DriverError) -> [RedisStreamReplay] {
    try await putBack(ids.flatMap { [$0, "0", ""] })
  }

  /// Puts `event` into the stream in the place of a dead letter.
  public func replay(_ id: String, as event: JSON) async throws(DriverError) -> RedisStreamReplay {
    try await putBack([id, "1", event.text()]).first ?? .missing
  }

  /// Removes dead letters for good; gives how many of them there were.
  public func discard(_ ids: [String]) async throws(DriverError) -> Int {
    Int(clamping: try await run(["XDEL", keys.dead] + ids).integer)
  }

  /// Code, reason and entry.
  private static let head = 3

  private func putBack(_ words: [String]) async throws(DriverError) -> [RedisStreamReplay] {
    let answer = try await caller.invoke(.replay, keys: [keys.stream, keys.dead]) { _ in words }.replies
    return answer.dropFirst().map { RedisStreamReplay(rawValue: $0.text) ?? .missing }
  }

  private func run(_ command: [String]) async throws(DriverError) -> RedisReply {
    let reply = try await connection.run(on: keys.dead) { _ in command }.reply
    if case .error(let text) = reply { throw RedisFault.error(text) }
    return reply
  }
}
