import DriverThreads
import Glibc
import WorkerKit

/// What the listening thread does: subscribes, sleeps until something comes, and connects again when the server is
/// gone.
struct RedisWakerLoop: Sendable {
  let settings: RedisSettings
  let environment: Environment
  let state: RedisWakerState

  /// After this long without a word the server is asked whether it is still there.
  static let silence = Duration.seconds(10)

  func run() {
    var (door, backoff) = (RedisDoor(settings), ReconnectBackoff(random: environment.random))
    while !state.isClosed {
      do throws(RedisBreak) {
        try listen(&door) { backoff.reset() }
      } catch {
        _ = sleep(on: [state.descriptor], atMost: backoff.next())
        state.settle()
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
    while !state.isClosed {
      state.settle()
      try subscribe(socket, &subscribed)
      let limit = isAsked ? settings.commandTimeout : Self.silence
      let ready = sleep(on: [socket.descriptor, state.descriptor], atMost: limit)
      if ready.contains(socket.descriptor) {
        isAsked = false
        for reply in try socket.arrived() { hear(reply) }
      } else if ready.isEmpty {
        if isAsked { throw RedisBreak(error: RedisFault.timedOut(socket.endpoint), mayReconnect: false) }
        socket.append(RedisPipeline(["PING"]))
        try socket.flush()
        isAsked = true
      }
    }
  }

  private func subscribe(_ socket: RedisSocket, _ subscribed: inout Set<String>) throws(RedisBreak) {
    let new = state.channels.subtracting(subscribed)
    guard !new.isEmpty else { return }
    socket.append(RedisPipeline(["SUBSCRIBE"] + new))
    try socket.flush()
    subscribed.formUnion(new)
  }

  private func hear(_ reply: RedisReply) {
    let parts = reply.list
    guard parts.count == 3, ["message", "subscribe"].contains(parts[0].text) else { return }
    state.raise(parts[1].text)
  }

  /// Sleeps until one of the descriptors has something, or `limit` is over; gives those that have.
  private func sleep(on descriptors: [Int32], atMost limit: Duration) -> Set<Int32> {
    var polls = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    let milliseconds = Int32(clamping: max(1, limit.milliseconds))
    guard poll(&polls, nfds_t(polls.count), milliseconds) > 0 else { return [] }
    return Set(polls.filter { $0.revents != 0 }.map(\.fd))
  }
}
