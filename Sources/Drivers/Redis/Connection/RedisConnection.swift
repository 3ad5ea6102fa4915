import DriverThreads
import WorkerKit

/// One connection on a thread of its own. What is asked while a round trip is under way goes out together with the
/// next.
final class RedisConnection: Sendable {
  private let thread: BatchThread<RedisRequest>

  /// Starts the thread; the first request connects.
  init(settings: RedisSettings, environment: Environment) {
    let link = RedisLink(settings: settings, environment: environment)
    thread = BatchThread(name: "redis", handle: { link.handle($0) }, atEnd: { link.close() })
  }

  deinit { thread.close() }

  /// Sends commands and suspends until all their replies are there. An error reply is a reply.
  func run(
    refreshing: Bool = false, _ commands: @escaping @Sendable (RedisSession) -> RedisPipeline
  ) async throws(DriverError) -> RedisAnswer {
    let result: Result<RedisAnswer, DriverError> = await withCheckedContinuation { continuation in
      let request = RedisRequest(refreshes: refreshing, commands: commands) { continuation.resume(returning: $0) }
      if !thread.submit(request) { continuation.resume(returning: .failure(RedisFault.closed)) }
    }
    return try result.get()
  }

  /// Answers what was asked for, and hangs up.
  func close() async { await thread.closeAndWait() }
}
