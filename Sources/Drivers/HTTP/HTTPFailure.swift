/// Why there is no response.
///
/// It never holds the URL, headers, or bytes of the request.
public enum HTTPFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The response was not complete within one of the request's timeouts.
  case timeout
  /// No connection could be made: the port is closed or the host cannot be reached.
  case connectionRefused
  /// Every address that the host has is one that the client's filter refused; nothing was sent.
  case addressNotAllowed
  /// The host's name, or the proxy's, has no known address.
  case nameNotResolved
  /// The TLS handshake failed or the server's certificate was not accepted.
  case tls
  /// The connection broke before the response was complete.
  case connectionLost
  /// The response is larger than the request accepts, or its header is larger than 256 KiB.
  case responseTooLarge
  /// What the server sent is not HTTP, or redirects to a scheme other than `http` and `https`.
  case invalidResponse
  /// The task was cancelled.
  case cancelled
  /// The client was closed.
  case closed
  /// The URL cannot be read or its scheme is neither `http` nor `https`.
  case invalidURL
  /// The method or a header field holds characters that HTTP does not allow there.
  case invalidRequest
  /// libcurl failed in another way: its code and its constant text for that code.
  case other(code: Int, text: String)

  /// Whether the same request may succeed at another time, as far as can be told.
  ///
  /// Only what lies in the request itself, in the size of its answer or in a filter is taken as lasting; a certificate
  /// can be renewed, and a cancelled request be sent again.
  public var isTransient: Bool {
    switch self {
    case .responseTooLarge, .invalidURL, .invalidRequest, .addressNotAllowed: false
    default: true
    }
  }

  /// A sentence that depends on the case alone.
  public var description: String {
    switch self {
    case .timeout: "the request timed out"
    case .connectionRefused: "the connection could not be made"
    case .addressNotAllowed: "the host's address is not allowed"
    case .nameNotResolved: "the host name could not be resolved"
    case .tls: "the secure connection could not be made"
    case .connectionLost: "the connection was lost"
    case .responseTooLarge: "the response is too large"
    case .invalidResponse: "the response is not valid"
    case .cancelled: "the request was cancelled"
    case .closed: "the client is closed"
    case .invalidURL: "the URL is not a valid http or https URL"
    case .invalidRequest: "the method or a header field is not valid"
    case .other(_, let text): text
    }
  }
}
