import WorkerKit

/// Calls the library's functions, and sees to what they may lack: the library itself, a queue that is new, a server of
/// which less is known than was thought.
struct RedisCaller: Sendable {
  let connection: RedisConnection
  let keys: RedisKeys
  let clock: RedisClock

  /// Calls a verb on one queue; gives what it answered, from its first word on.
  /// - Throws: `redis_not_open` where the queue has lost its entries and waits for a new epoch.
  func call(
    _ function: RedisLibrary.Function, on queue: QueueName, refreshing: Bool = false,
    _ arguments: @escaping @Sendable (RedisSession) -> [String]
  ) async throws(DriverError) -> [RedisReply] {
    let (keys, clock) = (keys.of(queue), clock)
    var (isRefreshed, openings) = (refreshing, 0)
    while true {
      let answer = try await invoke(function, keys: keys, refreshing: isRefreshed) { session in
        [session.incarnation, clock.argument] + arguments(session)
      }
      switch answer.replies.first?.text {
      case "NEW":
        // Somebody else may be about to open it.
        guard openings < Self.mostOpenings else { throw RedisFault.notOpen }
        try await open(queue, seenIn: answer.session)
        openings += 1
      case "EPOCH" where openings == 0 && connection.isCluster:
        // A queue whose name was lost with another server was not opened together with the others.
        try await open(queue, seenIn: answer.session)
        openings += 1
      case "OTHER":
        // Less may be known than is true: the server may have changed under a connection that held.
        guard !isRefreshed else { throw RedisFault.notOpen }
        isRefreshed = true
      default: return answer.replies
      }
    }
  }

  /// How often a queue is looked at again that somebody else has begun to open: as many round trips as outlast his one.
  private static let mostOpenings = 30

  /// Opens what lies beside the queues, in the server that is there now.
  func openAll(_ epoch: Epoch, under controls: RedisControls) async throws(DriverError) {
    _ = try await invoke(.openAll, keys: [keys.open], refreshing: true) {
      [$0.incarnation, String(epoch.rawValue)] + controls.arguments
    }
  }

  /// Keeps controls for queues to come.
  func project(_ controls: RedisControls) async throws(DriverError) {
    let answer = try await invoke(.projectAll, keys: [keys.open], refreshing: true) {
      [$0.incarnation] + controls.arguments
    }
    guard answer.replies.first?.text == "OK" else { throw RedisFault.notOpen }
  }

  /// Opens queues in `epoch`: empties those that were in an older one. What was opened in this epoch and is gone stays
  /// so.
  func open(_ queues: [QueueName], in epoch: Epoch, under controls: RedisControls) async throws(DriverError) {
    var opened: [String] = []
    for (queue, standing) in zip(queues, try await standings(of: queues)) where !standing.isLost(in: epoch) {
      _ = try await invoke(.openQueue, keys: keys.of(queue), refreshing: connection.isCluster) {
        [$0.incarnation, String(epoch.rawValue)] + controls.arguments
      }
      opened.append(queue.rawValue)
    }
    let names = opened
    _ = try await invoke(.noteOpened, keys: [keys.open]) { [$0.incarnation, String(epoch.rawValue)] + names }
  }

  /// What is open, and every queue that was used.
  func registry(refreshing: Bool = false) async throws(DriverError) -> RedisRegistry {
    let keys = keys
    let open = try await ask(on: keys.open, refreshing: refreshing) { ["HMGET", keys.open, "epoch", "incarnation"] }
    let queues = try await ask(on: keys.queues) { ["SMEMBERS", keys.queues] }
    let registry = RedisRegistry(open: open.replies, queues: queues.replies, session: open.session)
    if !registry.isOpen, !refreshing { return try await self.registry(refreshing: true) }
    return registry
  }

  /// In which epochs queues are, and should be.
  func standings(of queues: [QueueName]) async throws(DriverError) -> [RedisStanding] {
    guard !queues.isEmpty else { return [] }
    let keys = keys
    // First what should be there, and then what is: a queue is noted before it is opened.
    let marks = try await ask(on: keys.open) { ["HMGET", keys.open] + queues.map { RedisKeys.mark(of: $0) } }
    var standings: [RedisStanding] = []
    for (queue, mark) in zip(queues, marks.replies) {
      let meta = keys.of(queue)[0]
      let answer = try await ask(on: meta, refreshing: connection.isCluster) {
        ["HMGET", meta, "epoch", "incarnation"]
      }
      standings.append(RedisStanding(mark: mark, meta: answer.replies, session: answer.session))
    }
    return standings
  }

  /// Opens a queue in the epoch that is open, where it is new in it. Where its server has become another since it was
  /// seen in `session` it is not taken for open.
  private func open(_ queue: QueueName, seenIn session: RedisSession) async throws(DriverError) {
    for refreshing in [false, true] {
      let answer = try await invoke(.register, keys: [keys.open, keys.queues], refreshing: refreshing) {
        [$0.incarnation, queue.rawValue]
      }
      if answer.replies.first?.text == "OPENED" { return }
      guard answer.replies.count > 3 else { continue }
      let controls = RedisControls(text: answer.replies[2].text, version: answer.replies[3].integer)
      let arguments = [session.incarnation, answer.replies[1].text] + controls.arguments
      _ = try await invoke(.openQueue, keys: keys.of(queue)) { _ in arguments }
      return
    }
    throw RedisFault.notOpen
  }

  private func ask(
    on key: String, refreshing: Bool = false, _ command: @escaping @Sendable () -> [String]
  ) async throws(DriverError) -> RedisAnswer {
    let answer = try await connection.run(on: key, refreshing: refreshing) { _ in command() }
    if case .error(let text) = answer.reply { throw RedisFault.error(text) }
    return answer
  }

  /// Calls a function, and puts the library on the server where it is missing; gives what was answered, a list that
  /// begins with a word.
  func invoke(
    _ function: RedisLibrary.Function, keys: [String], refreshing: Bool = false,
    _ arguments: @escaping @Sendable (RedisSession) -> [String]
  ) async throws(DriverError) -> RedisAnswer {
    let key = keys.first ?? self.keys.open
    var isLoaded = false
    while true {
      let answer = try await connection.run(on: key, refreshing: refreshing) { session in
        ["FCALL", RedisLibrary.name(of: function), String(keys.count)] + keys + arguments(session)
      }
      switch answer.reply {
      case .error(let text) where RedisFault.isMissingFunction(text) && !isLoaded:
        try await load(to: answer.line)
        isLoaded = true
      case .error(let text) where RedisFault.isTorn(text):
        try await giveUp()
        throw RedisFault.notOpen
      case .error(let text): throw RedisFault.error(text)
      case .list(let replies) where !replies.isEmpty: return answer
      default: throw RedisFault.error("no answer of the library")
      }
    }
  }

  /// Leaves all queues to a new epoch: a slot was on its way to another server, and a function saw a part of its keys.
  private func giveUp() async throws(DriverError) {
    let open = keys.open
    _ = try await ask(on: open) { ["UNLINK", open] }
  }

  /// Puts the library on a server. Another host may do so at the same moment.
  private func load(to line: RedisLine) async throws(DriverError) {
    let answer = try await line.run { _ in ["FUNCTION", "LOAD", RedisLibrary.code] }
    guard case .error(let text) = answer.reply, !text.contains("already exists") else { return }
    throw RedisFault.error(text)
  }
}
