/// As whom to speak to a server.
struct RedisCredentials: Sendable {
  /// Nil for the server's default user.
  var user: String?
  /// Nil for a server that asks for none.
  var password: RedisSecret?

  init(user: String? = nil, password: String? = nil) {
    self.user = user
    self.password = password.map { RedisSecret(value: $0) }
  }
}
