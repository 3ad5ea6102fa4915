/// What all requests of one client have in common.
public struct HTTPClientConfiguration: Sendable {
  /// How many transfers run at a time; further requests wait their turn, which counts towards their timeout.
  public var maximumTransfers: Int
  /// How many idle connections are kept for later requests.
  public var maximumIdleConnections: Int
  /// How many redirects of one `GET` or `HEAD` request are followed; those of other methods never are, and none is
  /// where there is an address filter.
  public var maximumRedirects: Int
  /// The proxy's URL; nil to connect directly. The environment's proxy variables are not looked at.
  public var proxy: String?
  /// The `User-Agent` of requests that name none.
  public var userAgent: String
  /// Asked for every address before a connection to it is opened, on the client's thread; false keeps the client from
  /// it, so that not a packet is sent. Nil to allow every address. A kept connection is used again for the host and
  /// port that it was opened for only, so its address has been allowed for them.
  public var addressFilter: (@Sendable (HTTPPeer) -> Bool)?

  /// 128 transfers at a time, 64 idle connections, no redirects, no proxy, every address.
  public init(
    maximumTransfers: Int = 128, maximumIdleConnections: Int = 64, maximumRedirects: Int = 0, proxy: String? = nil,
    userAgent: String = "millrace", addressFilter: (@Sendable (HTTPPeer) -> Bool)? = nil
  ) {
    self.maximumTransfers = maximumTransfers
    self.maximumIdleConnections = maximumIdleConnections
    self.maximumRedirects = maximumRedirects
    self.proxy = proxy
    self.userAgent = userAgent
    self.addressFilter = addressFilter
  }
}
