import DriverThreads
import WorkerKit

/// One connection on a thread of its own. What is asked while a round trip is under way goes out together with the
/// next.
final class RedisLine: Sendable {
  private let thread: BatchThread<RedisRequest>

  /// Starts the thread; the first request connects.
  init(_ door: RedisDoor, environment: Environment) {
    let link = RedisLink(door, environment: environment)
    thread = BatchThread(name: "redis", handle: { link.handle($0) }, atEnd: { link.close() })
  }

  deinit { thread.close() }

  /// Sends a command and suspends until its reply is there. An error reply is a reply.
  func run(
    refreshing: Bool = false, asking: Bool = false, _ command: @escaping @Sendable (RedisSession) -> [String]
  ) async throws(DriverError) -> RedisAnswer {
    let result: Result<(RedisReply, RedisSession), DriverError> = await withCheckedContinuation { continuation in
      let request = RedisRequest(refreshes: refreshing, isAsking: asking, command: command) {
        continuation.resume(returning: $0)
      }
      if !thread.submit(request) { continuation.resume(returning: .failure(RedisFault.closed)) }
    }
    let (reply, session) = try result.get()
    return RedisAnswer(reply: reply, session: session, line: self)
  }

  /// Answers what was asked for, and hangs up.
  func close() async { await thread.closeAndWait() }
}
