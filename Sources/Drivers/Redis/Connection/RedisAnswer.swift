/// The reply to a command, and who gave it.
struct RedisAnswer: Sendable {
  let reply: RedisReply
  /// The server, as it was known when the command was sent.
  let session: RedisSession
  /// The connection that was used.
  let line: RedisLine

  /// The elements of the reply.
  var replies: [RedisReply] { reply.list }
}
