import DriverThreads
import WorkerKit

/// Commands that wait to be sent, and who waits for their replies.
struct RedisRequest: Sendable {
  /// Asks the server first who it is.
  let refreshes: Bool
  /// What to send, made when it is sent: it depends on the server that is there.
  let commands: @Sendable (RedisSession) -> RedisPipeline
  let answer: @Sendable (Result<RedisAnswer, DriverError>) -> Void
}

/// The replies to a request, and the server that gave them.
struct RedisAnswer: Sendable {
  let replies: [RedisReply]
  let session: RedisSession
}

/// Sends what has gathered in one go and hands out the replies in order; connects anew when the connection is gone.
// Unchecked because only the one thread of its connection touches it.
final class RedisLink: @unchecked Sendable {
  private let settings: RedisSettings
  private let environment: Environment
  private var socket: RedisSocket?
  private var session: RedisSession?
  private var backoff: ReconnectBackoff
  private var lastError = RedisFault.closed
  private var connectsAgainAt: Duration?

  init(settings: RedisSettings, environment: Environment) {
    self.settings = settings
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
    var counts: [Int] = []
    for request in pending {
      let pipeline = request.commands(session)
      counts.append(pipeline.count)
      socket.append(pipeline)
    }
    for count in counts {
      var replies: [RedisReply] = []
      replies.reserveCapacity(count)
      for _ in 0..<count { replies.append(try socket.reply()) }
      pending.removeFirst().answer(.success(RedisAnswer(replies: replies, session: session)))
    }
  }

  private func connected(refreshing: Bool) throws(RedisBreak) -> (RedisSocket, RedisSession) {
    if let socket, let session {
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

  private func connect() throws(RedisBreak) -> (RedisSocket, RedisSession) {
    do throws(RedisBreak) {
      let socket = try RedisSocket(settings)
      let session: RedisSession
      do throws(RedisRefusal) {
        session = try RedisSession.begin(on: socket, settings.address, environment.time)
      } catch {
        throw error.asBreak
      }
      (self.socket, self.session, connectsAgainAt) = (socket, session, nil)
      backoff.reset()
      return (socket, session)
    } catch {
      lastError = error.error
      connectsAgainAt = environment.time.monotonic + backoff.next()
      throw RedisBreak(error: error.error, mayReconnect: false)
    }
  }
}
