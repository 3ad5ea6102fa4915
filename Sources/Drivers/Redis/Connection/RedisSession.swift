import WorkerKit

/// What is known of the server on the other end of a connection.
struct RedisSession: Sendable {
  /// The start of the server and the history of its data: another one means that data may be missing or old.
  let incarnation: String
  /// The server's time when it was asked, in milliseconds.
  let serverTime: Int64
  /// When the answer came, on the asker's monotonic clock.
  let askedAt: Duration

  /// The server's time now; never later than it is, but for a step of its clock.
  func time(at moment: Duration) -> Int64 { serverTime + (moment - askedAt).milliseconds }

  /// Greets the server as the address says, and asks who it is.
  static func begin(on socket: RedisSocket, _ address: RedisAddress, _ time: any TimeSource) throws(RedisRefusal)
    -> RedisSession
  {
    try greet(socket, address.credentials, database: address.database)
    return try identify(socket, time)
  }

  /// Gives name and password, and chooses the database.
  static func greet(
    _ socket: RedisSocket, _ credentials: RedisCredentials, database: Int = 0
  ) throws(RedisRefusal) {
    if let password = credentials.password {
      try ask(socket, ["AUTH"] + (credentials.user.map { [$0] } ?? []) + [password.value])
    }
    if database != 0 { try ask(socket, ["SELECT", String(database)]) }
  }

  /// Asks who the server is; refuses one that cannot hold a queue.
  static func identify(_ socket: RedisSocket, _ time: any TimeSource) throws(RedisRefusal) -> RedisSession {
    var facts: [Substring: Substring] = [:]
    for section in ["server", "replication", "memory"] {
      facts.merge(try Self.facts(socket, section)) { first, _ in first }
    }
    let clock = try ask(socket, ["TIME"]).list
    let askedAt = time.monotonic
    try check(facts)
    let milliseconds = clock.count == 2 ? clock[0].integer * 1000 + clock[1].integer / 1000 : 0
    return RedisSession(
      incarnation: "\(facts["run_id"] ?? "")-\(facts["master_replid"] ?? "")", serverTime: milliseconds,
      askedAt: askedAt)
  }

  private static func check(_ facts: [Substring: Substring]) throws(RedisRefusal) {
    let version = facts["redis_version"] ?? "0"
    guard let major = Int(version.prefix { $0 != "." }), major >= 7 else {
      throw .unfit(RedisFault.version(String(version)))
    }
    let policy = facts["maxmemory_policy"] ?? "noeviction"
    guard policy == "noeviction" else { throw .unfit(RedisFault.eviction(String(policy))) }
    if facts["role"] == "slave" { throw .unfit(RedisFault.replica) }
  }

  /// Refuses a server that is a replica.
  static func checkRole(_ socket: RedisSocket) throws(RedisRefusal) {
    if try facts(socket, "replication")["role"] == "slave" { throw .unfit(RedisFault.replica) }
  }

  private static func facts(_ socket: RedisSocket, _ section: String) throws(RedisRefusal) -> [Substring: Substring] {
    var facts: [Substring: Substring] = [:]
    for line in try ask(socket, ["INFO", section]).text.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 { facts[parts[0]] = parts[1] }
    }
    return facts
  }

  /// Sends one command; an error that the server answers is thrown.
  @discardableResult
  static func ask(_ socket: RedisSocket, _ command: [String]) throws(RedisRefusal) -> RedisReply {
    let reply: RedisReply
    do throws(RedisBreak) { reply = try socket.ask(command) } catch { throw .broken(error) }
    if case .error(let text) = reply { throw .unfit(RedisFault.error(text)) }
    return reply
  }
}

/// Why a connection cannot be used.
enum RedisRefusal: Error {
  /// It broke.
  case broken(RedisBreak)
  /// The server refuses who asks, or is none that can hold a queue.
  case unfit(DriverError)

  var asBreak: RedisBreak {
    switch self {
    case .broken(let failure): failure
    case .unfit(let error): RedisBreak(error: error, mayReconnect: false)
    }
  }
}
