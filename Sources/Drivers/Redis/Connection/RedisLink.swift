import DriverThreads
import WorkerKit

/// Sends what has gathered in one go and hands out the replies in order; connects anew when the connection is gone, or
/// its server is no longer the master.
// Unchecked because only the one thread of its connection touches it.
final class RedisLink: @unchecked Sendable {
  private let environment: Environment
  private var door: RedisDoor
  private var socket: RedisSocket?
  private var session: RedisSession?
  private var backoff: ReconnectBackoff
  private var lastError = RedisFault.closed
  private var connectsAgainAt: Duration?
  private var looksAgainAt = Duration.zero

  /// How often a server that holds is compared with what its Sentinels say.
  private static let lookInterval = Duration.seconds(5)

  init(_ door: RedisDoor, environment: Environment) {
    self.door = door
    self.environment = environment
    backoff = ReconnectBackoff(random: environment.random)
  }

  /// Answers every request. What broke under way is sent once more over a new connection where the server had closed
  /// the old one: every verb may be carried out twice.
  func handle(_ requests: [RedisRequest]) {
    var pending = requests[...]
    var triesLeft = 2
    while !pending.isEmpty {
      triesLeft -= 1
      do throws(RedisBreak) {
        try exchange(&pending)
      } catch {
        close()
        if error.mayReconnect, triesLeft > 0 { continue }
        for request in pending { request.answer(.failure(error.error)) }
        return
      }
    }
  }

  func close() {
    socket = nil
    session = nil
  }

  private func exchange(_ pending: inout ArraySlice<RedisRequest>) throws(RedisBreak) {
    let (socket, session) = try connected(refreshing: pending.contains(where: \.refreshes))
    for request in pending { socket.append(request.pipeline(session)) }
    var isDemoted = false
    while let request = pending.first {
      if request.isAsking { _ = try socket.reply() }
      let reply = try socket.reply()
      if case .error(let text) = reply { isDemoted = isDemoted || RedisFault.isReplica(text) }
      pending.removeFirst()
      request.answer(.success((reply, session)))
    }
    // Somebody else has become the master; the next request looks for it.
    if isDemoted { close() }
  }

  private func connected(refreshing: Bool) throws(RedisBreak) -> (RedisSocket, RedisSession) {
    if let socket, let session {
      try lookForAnother(than: socket.endpoint)
      guard refreshing else { return (socket, session) }
      let fresh: RedisSession
      do throws(RedisRefusal) { fresh = try RedisSession.identify(socket, environment.time) } catch {
        throw error.asBreak
      }
      self.session = fresh
      return (socket, fresh)
    }
    if let connectsAgainAt, environment.time.monotonic < connectsAgainAt {
      throw RedisBreak(error: lastError, mayReconnect: false)
    }
    return try connect()
  }

  /// Gives a connection up that holds, where another server is the master now.
  private func lookForAnother(than endpoint: RedisEndpoint) throws(RedisBreak) {
    guard environment.time.monotonic >= looksAgainAt else { return }
    looksAgainAt = environment.time.monotonic + Self.lookInterval
    if door.leadsElsewhere(than: endpoint) { throw RedisBreak(error: RedisFault.replica, mayReconnect: true) }
  }

  private func connect() throws(RedisBreak) -> (RedisSocket, RedisSession) {
    do throws(RedisBreak) {
      let (address, time) = (door.address, environment.time)
      let (socket, session) = try door.open { socket throws(RedisRefusal) in
        try RedisSession.begin(on: socket, address, time)
      }
      (self.socket, self.session, connectsAgainAt) = (socket, session, nil)
      looksAgainAt = environment.time.monotonic + Self.lookInterval
      backoff.reset()
      return (socket, session)
    } catch {
      lastError = error.error
      connectsAgainAt = environment.time.monotonic + backoff.next()
      throw RedisBreak(error: error.error, mayReconnect: false)
    }
  }
}
