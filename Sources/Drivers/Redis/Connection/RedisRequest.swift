import WorkerKit

/// A command that waits to be sent, and who waits for its reply.
struct RedisRequest: Sendable {
  /// Asks the server first who it is.
  let refreshes: Bool
  /// Says first that another server of the cluster has sent it here.
  let isAsking: Bool
  /// What to send, made when it is sent: it depends on the server that is there.
  let command: @Sendable (RedisSession) -> [String]
  let answer: @Sendable (Result<(RedisReply, RedisSession), DriverError>) -> Void

  /// What to send to a server, with what goes before it.
  func pipeline(_ session: RedisSession) -> RedisPipeline {
    var pipeline = RedisPipeline()
    if isAsking { pipeline.add(["ASKING"]) }
    pipeline.add(command(session))
    return pipeline
  }
}
