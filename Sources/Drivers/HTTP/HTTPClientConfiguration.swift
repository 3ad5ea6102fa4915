/// What all requests of one client have in common.
public struct HTTPClientConfiguration: Sendable, Hashable {
  /// How many transfers run at a time; further requests wait their turn, which counts towards their timeout.
  public var maximumTransfers: Int
  /// How many idle connections are kept for later requests.
  public var maximumIdleConnections: Int
  /// How many redirects of one `GET` or `HEAD` request are followed; those of other methods never are.
  public var maximumRedirects: Int
  /// The proxy's URL; nil to connect directly. The environment's proxy variables are not looked at.
  public var proxy: String?
  /// The `User-Agent` of requests that name none.
  public var userAgent: String

  /// 128 transfers at a time, 64 idle connections, no redirects, no proxy.
  public init(
    maximumTransfers: Int = 128, maximumIdleConnections: Int = 64, maximumRedirects: Int = 0, proxy: String? = nil,
    userAgent: String = "millrace"
  ) {
    self.maximumTransfers = maximumTransfers
    self.maximumIdleConnections = maximumIdleConnections
    self.maximumRedirects = maximumRedirects
    self.proxy = proxy
    self.userAgent = userAgent
  }
}
