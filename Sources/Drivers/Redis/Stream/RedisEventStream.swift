internal import Synchronization
public import WorkerKit

/// Events that others add to a Redis stream with `XADD`, taken by a consumer group of which each instance is a consumer
/// of its own.
///
/// Entries that a consumer has taken and not settled are claimed by others once nobody has looked at them for a while.
/// A server that was emptied gets its group anew, from the beginning of the stream.
public final class RedisEventStream: EventStream {
  private let settings: RedisSettings
  private let keys: RedisStreamKeys
  private let bounds: RedisStreamBounds
  private let environment: Environment
  private let connection: RedisConnection
  private let caller: RedisCaller
  private let consumer: String
  private let state = Mutex(State())

  private struct State {
    var claimsAgainAt = Duration.zero
    var hasJoined = false
  }

  /// The consumer group of every dispatcher.
  public static let group = "millrace"

  /// Prepares a stream; the first verb connects. A thread belongs to it.
  public init(
    _ settings: RedisSettings, keys: RedisStreamKeys = .standard, bounds: RedisStreamBounds = RedisStreamBounds(),
    environment: Environment
  ) {
    self.settings = settings
    self.keys = keys
    self.bounds = bounds
    self.environment = environment
    connection = RedisConnection(settings: settings, environment: environment)
    caller = RedisCaller(connection: connection, keys: RedisKeys(prefix: settings.prefix), clock: .server)
    consumer = environment.id()
  }

  /// Leaves the group, where nothing is left that this instance has taken, and hangs up.
  public func close() async {
    if state.withLock({ $0.hasJoined }) {
      // One that cannot be reached forgets the consumer in time.
      _ = try? await call(.leave, [Self.group, consumer])
    }
    await connection.close()
  }

  public func take(limit: Int) async throws(DriverError) -> StreamBatch {
    guard limit > 0 else { return StreamBatch(entries: [], waiting: 0, dead: 0) }
    // The first look comes back at once: whoever asks how this process is knows that it can look.
    let isFirst = state.withLock { !$0.hasJoined }
    let batch = try await gather(limit)
    guard batch.entries.isEmpty, !isFirst else { return batch }
    let entries = try await next()
    return StreamBatch(entries: entries, waiting: batch.waiting + entries.count, dead: batch.dead)
  }

  public func settle(_ verdicts: [StreamVerdict]) async throws(DriverError) -> StreamSettling {
    guard !verdicts.isEmpty else { return StreamSettling(buried: 0, held: 0) }
    let words = verdicts.flatMap { verdict in
      switch verdict {
      case .recorded(let id): [id, "", ""]
      case .refused(let id, let refusal): [id, refusal.code, refusal.reason]
      }
    }
    let answer = try await call(.settle, [Self.group, consumer, String(bounds.deadLetters)] + words)
    return StreamSettling(buried: answer.count(at: 1), held: answer.count(at: 2))
  }

  /// What is there now: first what others have left, and then what is new.
  private func gather(_ limit: Int) async throws(DriverError) -> StreamBatch {
    let claims = isTimeToClaim()
    let answer = try await call(
      .take,
      [
        Self.group, consumer, String(limit), String(bounds.batchBytes), String(bounds.entryBytes),
        claims ? String(bounds.claimAfter.milliseconds) : "",
      ])
    state.withLock { state in
      state.hasJoined = true
      if claims { state.claimsAgainAt = environment.time.monotonic + bounds.claimAfter / 6 }
    }
    let entries = stride(from: 3, to: answer.count - 2, by: 3).map { start in
      let size = answer.count(at: start + 1)
      return StreamEntry(
        id: answer[start].text,
        content: size > bounds.entryBytes ? .oversized(size) : .fields(Self.fields(answer[start + 2].list)))
    }
    return StreamBatch(entries: entries, waiting: answer.count(at: 1), dead: answer.count(at: 2))
  }

  private func isTimeToClaim() -> Bool {
    let now = environment.time.monotonic
    return state.withLock { $0.claimsAgainAt <= now }
  }

  /// Waits for a new entry, well within the time that an answer may take.
  private func next() async throws(DriverError) -> [StreamEntry] {
    let wait = max(1, min(Self.longestWait, settings.commandTimeout / 2).milliseconds)
    let command = [
      "XREADGROUP", "GROUP", Self.group, consumer, "COUNT", "1", "BLOCK", String(wait), "STREAMS", keys.stream, ">",
    ]
    let reply = try await connection.run(on: keys.stream) { _ in command }.reply
    switch reply {
    // The stream was taken away while it was waited for; the next question makes the group anew.
    case .error(let text) where text.hasPrefix("NOGROUP") || text.hasPrefix("UNBLOCKED"): return []
    case .error(let text): throw RedisFault.error(text)
    default: return reply.list.flatMap { $0.list.last?.list ?? [] }.map { entry($0.list) }
    }
  }

  private static let longestWait = Duration.seconds(1)

  private func entry(_ words: [RedisReply]) -> StreamEntry {
    let fields = Self.fields(words.last?.list ?? [])
    let size = fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.count }
    return StreamEntry(
      id: words.first?.text ?? "", content: size > bounds.entryBytes ? .oversized(size) : .fields(fields))
  }

  /// Names and values in turn.
  static func fields(_ words: some RandomAccessCollection<RedisReply>) -> [StreamField] {
    let words = Array(words)
    return stride(from: 0, to: words.count - 1, by: 2).map { start in
      StreamField(name: words[start].text, value: words[start + 1].bytes)
    }
  }

  private func call(_ function: RedisLibrary.Function, _ words: [String]) async throws(DriverError) -> [RedisReply] {
    try await caller.invoke(function, keys: [keys.stream, keys.dead]) { _ in words }.replies
  }
}

extension [RedisReply] {
  /// The number at a place; 0 where there is none.
  func count(at place: Int) -> Int { indices.contains(place) ? Int(clamping: self[place].integer) : 0 }
}
