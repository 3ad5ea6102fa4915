/// How to reach a Redis server, and under which keys.
public struct RedisSettings: Sendable {
  public let address: RedisAddress
  /// What every key and channel begins with, in braces.
  public let prefix: String
  /// How long a connection may take to be made.
  public let connectTimeout: Duration
  /// How long an answer may take; then the connection is given up and the verb fails as unavailable.
  public let commandTimeout: Duration

  /// Describes a server.
  public init(
    _ address: RedisAddress, prefix: String = "millrace", connectTimeout: Duration = .seconds(2),
    commandTimeout: Duration = .seconds(5)
  ) {
    self.address = address
    self.prefix = prefix
    self.connectTimeout = connectTimeout
    self.commandTimeout = commandTimeout
  }
}
