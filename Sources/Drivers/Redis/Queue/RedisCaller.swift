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
    var (isRefreshed, isOpened) = (refreshing, false)
    while true {
      let answer = try await invoke(function, keys: keys, refreshing: isRefreshed) { session in
        [session.incarnation, clock.argument] + arguments(session)
      }
      switch answer.replies.first?.text {
      case "NEW":
        guard !isOpened else { throw RedisFault.notOpen }
        try await open(queue)
        isOpened = true
      case "OTHER":
        // Less may be known than is true: the server may have changed under a connection that held.
        guard !isRefreshed else { throw RedisFault.notOpen }
        isRefreshed = true
      default: return answer.replies
      }
    }
  }

  /// Opens what lies beside the queues, in the server that is there now.
  func openAll(_ epoch: Epoch, under controls: RedisControls) async throws(DriverError) {
    _ = try await invoke(.openAll, keys: [keys.open], refreshing: true) {
      [$0.incarnation, String(epoch.rawValue)] + controls.arguments
    }
  }

  /// Opens a queue in `epoch`: empties it where it was in an older one.
  func open(_ queue: QueueName, in epoch: Epoch, under controls: RedisControls) async throws(DriverError) {
    _ = try await invoke(.openQueue, keys: keys.of(queue)) {
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

  /// What is open, and every queue that was used.
  func registry(refreshing: Bool = false) async throws(DriverError) -> RedisRegistry {
    let keys = keys
    let answer = try await connection.run(refreshing: refreshing) { _ in
      var pipeline = RedisPipeline(["HMGET", keys.open, "epoch", "incarnation"])
      pipeline.add(["SMEMBERS", keys.queues])
      return pipeline
    }
    try Self.check(answer.replies)
    let registry = RedisRegistry(open: answer.replies[0].list, queues: answer.replies[1].list, session: answer.session)
    if !registry.isOpen, !refreshing { return try await self.registry(refreshing: true) }
    return registry
  }

  /// The epoch that each queue is in, of this incarnation; nil for one that nobody has opened, 0 for one of another.
  func epochs(of queues: [QueueName]) async throws(DriverError) -> [Epoch?] {
    guard !queues.isEmpty else { return [] }
    let metas = queues.map { keys.of($0)[0] }
    let answer = try await connection.run { _ in
      metas.reduce(into: RedisPipeline()) { $0.add(["HMGET", $1, "epoch", "incarnation"]) }
    }
    try Self.check(answer.replies)
    return answer.replies.map { reply in
      guard reply.list.count == 2, reply.list[0] != .null else { return nil }
      let isOurs = reply.list[1].text == answer.session.incarnation
      return Epoch(rawValue: isOurs ? reply.list[0].integer : 0)
    }
  }

  /// Opens a queue that is new in the epoch that is open.
  private func open(_ queue: QueueName) async throws(DriverError) {
    for refreshing in [false, true] {
      let answer = try await invoke(.register, keys: [keys.open, keys.queues], refreshing: refreshing) {
        [$0.incarnation, queue.rawValue]
      }
      guard answer.replies.count > 3 else { continue }
      let controls = RedisControls(text: answer.replies[2].text, version: answer.replies[3].integer)
      return try await open(queue, in: Epoch(rawValue: answer.replies[1].integer), under: controls)
    }
    throw RedisFault.notOpen
  }

  /// Calls a function, and puts the library on the server where it is missing; gives what was answered, a list that
  /// begins with a word.
  func invoke(
    _ function: RedisLibrary.Function, keys: [String], refreshing: Bool = false,
    _ arguments: @escaping @Sendable (RedisSession) -> [String]
  ) async throws(DriverError) -> RedisAnswer {
    var isLoaded = false
    while true {
      let answer = try await connection.run(refreshing: refreshing) { session in
        RedisPipeline(["FCALL", RedisLibrary.name(of: function), String(keys.count)] + keys + arguments(session))
      }
      switch answer.replies.first {
      case .error(let text) where RedisFault.isMissingFunction(text) && !isLoaded:
        try await load()
        isLoaded = true
      case .error(let text): throw RedisFault.error(text)
      case .list(let replies) where !replies.isEmpty: return RedisAnswer(replies: replies, session: answer.session)
      default: throw RedisFault.error("no answer of the library")
      }
    }
  }

  /// Puts the library on the server. Another host may do so at the same moment.
  private func load() async throws(DriverError) {
    let answer = try await connection.run { _ in RedisPipeline(["FUNCTION", "LOAD", RedisLibrary.code]) }
    guard case .error(let text)? = answer.replies.first, !text.contains("already exists") else { return }
    throw RedisFault.error(text)
  }

  private static func check(_ replies: [RedisReply]) throws(DriverError) {
    for case .error(let text) in replies { throw RedisFault.error(text) }
  }
}

/// What is open on a server.
struct RedisRegistry: Sendable {
  /// Nil where nothing was opened, or all was lost.
  let epoch: Epoch?
  /// False where what is open was opened in another incarnation of the server, or nothing is.
  let isOpen: Bool
  /// Every queue that was used, in the order of names.
  let queues: [QueueName]

  init(open: [RedisReply], queues: [RedisReply], session: RedisSession) {
    epoch = open.first.flatMap { $0 == .null ? nil : Epoch(rawValue: $0.integer) }
    isOpen = epoch != nil && open.last?.text == session.incarnation
    self.queues = queues.map { QueueName($0.text) }.sorted()
  }
}
