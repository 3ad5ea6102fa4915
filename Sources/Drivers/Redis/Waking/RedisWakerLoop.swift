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
    var backoff = ReconnectBackoff(random: environment.random)
    while !state.isClosed {
      do throws(RedisRefusal) {
        try listen { backoff.reset() }
      } catch {
        _ = sleep(on: [state.descriptor], atMost: backoff.next())
        state.settle()
      }
    }
  }

  /// Listens until closed; throws when the connection breaks.
  private func listen(onceConnected: () -> Void) throws(RedisRefusal) {
    do throws(RedisBreak) {
      let socket = try RedisSocket(settings)
      do throws(RedisRefusal) { try RedisSession.greet(socket, settings.address) } catch { throw error.asBreak }
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
          if isAsked { throw RedisBreak(error: RedisFault.timedOut(settings.address), mayReconnect: false) }
          socket.append(RedisPipeline(["PING"]))
          try socket.flush()
          isAsked = true
        }
      }
    } catch {
      throw .broken(error)
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
