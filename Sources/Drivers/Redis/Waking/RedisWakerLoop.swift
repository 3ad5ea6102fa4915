import DriverThreads
import WorkerKit

/// What the listening thread does: subscribes, sleeps until something comes, and connects again when the server is
/// gone.
struct RedisWakerLoop: Sendable {
  let settings: RedisSettings
  let environment: Environment
  let board: WakingBoard<String>

  /// After this long without a word the server is asked whether it is still there.
  static let silence = Duration.seconds(10)

  func run() {
    var (door, backoff) = (RedisDoor(settings), ReconnectBackoff(random: environment.random))
    while !board.isClosed {
      do throws(RedisBreak) {
        try listen(&door) { backoff.reset() }
      } catch {
        _ = board.sleep(on: nil, atMost: backoff.next())
      }
    }
  }

  /// Listens until closed; throws when the connection breaks. Where replicas take over from masters only a master is
  /// listened to; in a cluster every node hears of every push.
  private func listen(_ door: inout RedisDoor, onceConnected: () -> Void) throws(RedisBreak) {
    let settings = settings
    let socket = try door.open { socket throws(RedisRefusal) in
      try RedisSession.greet(socket, settings.address.credentials, database: settings.address.database)
      if case .sentinels = settings.address.place { try RedisSession.checkRole(socket) }
    }.socket
    onceConnected()
    var (subscribed, isAsked) = (Set<String>(), false)
    while !board.isClosed {
      try subscribe(socket, &subscribed)
      let limit = isAsked ? settings.commandTimeout : Self.silence
      switch board.sleep(on: socket.descriptor, atMost: limit) {
      case .nudged: continue
      case .ready:
        isAsked = false
        for reply in try socket.arrived() { hear(reply) }
      case .silence:
        if isAsked { throw RedisBreak(error: RedisFault.timedOut(socket.endpoint), mayReconnect: false) }
        socket.append(RedisPipeline(["PING"]))
        try socket.flush()
        isAsked = true
      }
    }
  }

  private func subscribe(_ socket: RedisSocket, _ subscribed: inout Set<String>) throws(RedisBreak) {
    let new = board.names.subtracting(subscribed)
    guard !new.isEmpty else { return }
    socket.append(RedisPipeline(["SUBSCRIBE"] + new))
    try socket.flush()
    subscribed.formUnion(new)
  }

  private func hear(_ reply: RedisReply) {
    let parts = reply.list
    guard parts.count == 3, ["message", "subscribe"].contains(parts[0].text) else { return }
    board.raise(parts[1].text)
  }
}
