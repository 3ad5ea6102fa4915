/// Where a connection is about to lead.
public struct HTTPPeer: Sendable, Hashable {
  /// What the request's URL names.
  public let target: HTTPTarget
  /// The IP address that the host was resolved to, in network order: 4 or 16 bytes. With a proxy it is the proxy's.
  public let address: [UInt8]

  /// Describes an end of a connection.
  public init(target: HTTPTarget, address: [UInt8]) {
    self.target = target
    self.address = address
  }
}
