/// A host and a port.
public struct RedisNode: Sendable, Hashable, CustomStringConvertible {
  public let host: String
  public let port: Int

  /// Names a place on the network.
  public init(_ host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// `host:port`, an IPv6 address in brackets.
  public var description: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }
}
