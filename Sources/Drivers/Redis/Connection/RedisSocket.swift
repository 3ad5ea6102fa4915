internal import CHiredis
import Glibc
import WorkerKit

/// One connection to a server. It belongs to the thread that made it; every call blocks for its timeout at most.
final class RedisSocket {
  private let context: UnsafeMutablePointer<redisContext>
  let endpoint: RedisEndpoint

  /// Connects, without a word to the server.
  init(_ endpoint: RedisEndpoint, connectTimeout: Duration, commandTimeout: Duration) throws(RedisBreak) {
    Self.ignoreBrokenPipes()
    self.endpoint = endpoint
    let limit = Self.time(connectTimeout)
    let made =
      switch endpoint {
      case .node(let node): redisConnectWithTimeout(node.host, Int32(node.port), limit)
      case .socket(let path): redisConnectUnixWithTimeout(path, limit)
      }
    guard let made else {
      throw RedisBreak(error: RedisFault.lost(endpoint, "no memory"), mayReconnect: false)
    }
    context = made
    guard made.pointee.err == 0 else {
      throw RedisBreak(error: RedisFault.lost(endpoint, Self.reason(made)), mayReconnect: false)
    }
    _ = redisSetTimeout(made, Self.time(commandTimeout))
    if case .node = endpoint { _ = redisEnableKeepAlive(made) }
    // What a worker starts must not inherit it.
    _ = fcntl(made.pointee.fd, F_SETFD, FD_CLOEXEC)
  }

  deinit { redisFree(context) }

  var descriptor: Int32 { context.pointee.fd }

  /// Puts commands into the buffer that the next call sends.
  func append(_ pipeline: RedisPipeline) {
    pipeline.bytes.withUnsafeBytes { bytes in
      _ = redisAppendFormattedCommand(context, bytes.bindMemory(to: CChar.self).baseAddress, bytes.count)
    }
  }

  /// Sends what was put in, and waits for the next reply.
  func reply() throws(RedisBreak) -> RedisReply {
    var raw: UnsafeMutableRawPointer?
    guard redisGetReply(context, &raw) == REDIS_OK, let raw else { throw broken(errno) }
    return Self.taken(raw)
  }

  /// Sends one command and waits for its reply.
  func ask(_ command: [String]) throws(RedisBreak) -> RedisReply {
    append(RedisPipeline(command))
    return try reply()
  }

  /// Sends what was put in.
  func flush() throws(RedisBreak) {
    var isDone: Int32 = 0
    while isDone == 0 {
      guard redisBufferWrite(context, &isDone) == REDIS_OK else { throw broken(errno) }
    }
  }

  /// Reads what has arrived, once, and gives the replies that are whole.
  func arrived() throws(RedisBreak) -> [RedisReply] {
    guard redisBufferRead(context) == REDIS_OK else { throw broken(errno) }
    var replies: [RedisReply] = []
    while true {
      var raw: UnsafeMutableRawPointer?
      guard redisGetReplyFromReader(context, &raw) == REDIS_OK else { throw broken(errno) }
      guard let raw else { return replies }
      replies.append(Self.taken(raw))
    }
  }

  private func broken(_ number: Int32) -> RedisBreak {
    let isLate = context.pointee.err == REDIS_ERR_IO && (number == EAGAIN || number == ETIMEDOUT)
    if isLate { return RedisBreak(error: RedisFault.timedOut(endpoint), mayReconnect: false) }
    return RedisBreak(error: RedisFault.lost(endpoint, Self.reason(context)), mayReconnect: true)
  }

  private static func taken(_ raw: UnsafeMutableRawPointer) -> RedisReply {
    defer { freeReplyObject(raw) }
    return RedisReply(raw.assumingMemoryBound(to: redisReply.self))
  }

  private static func reason(_ context: UnsafeMutablePointer<redisContext>) -> String {
    withUnsafeBytes(of: context.pointee.errstr) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  private static func time(_ length: Duration) -> timeval {
    let length = max(length, .milliseconds(1))
    return timeval(
      tv_sec: Int(length.components.seconds), tv_usec: Int(length.components.attoseconds / 1_000_000_000_000))
  }

  /// hiredis writes with write(2): without this, a server that is gone would end the process.
  private static func ignoreBrokenPipes() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }
}
