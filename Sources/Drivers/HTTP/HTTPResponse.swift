/// A complete response, whatever its status.
public struct HTTPResponse: Sendable, Hashable {
  /// The status code, 200 to 599.
  public let status: Int
  /// The fields of the final response, not those of redirects before it.
  public let headers: HTTPHeaders
  /// The bytes as sent: no content encoding is undone.
  public let body: [UInt8]
}
