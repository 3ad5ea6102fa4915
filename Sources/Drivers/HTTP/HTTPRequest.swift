/// One request, with the bounds within which its answer has to come.
public struct HTTPRequest: Sendable {
  /// The method, in capitals: `GET`, `POST`.
  public var method: String
  /// An absolute URL with the scheme `http` or `https`.
  public var url: String
  /// Fields to send beside those that HTTP itself needs. `Content-Length` and `Transfer-Encoding` follow from the body
  /// and are refused here.
  public var headers: HTTPHeaders
  /// The bytes to send; libcurl holds a copy of them while the transfer runs.
  public var body: [UInt8]
  /// The time from the call of `send` to the last byte of the response, waiting for a free connection included.
  public var timeout: Duration
  /// The part of `timeout` that resolving the name, connecting, and the TLS handshake may take.
  public var connectTimeout: Duration
  /// The largest body that is accepted.
  public var maximumResponseBytes: Int

  /// A request that, unless told otherwise, gives up after 30 seconds, 5 to connect, and takes a response of 8 MiB.
  public init(
    method: String = "GET", url: String, headers: HTTPHeaders = [:], body: [UInt8] = [],
    timeout: Duration = .seconds(30), connectTimeout: Duration = .seconds(5), maximumResponseBytes: Int = 8 << 20
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.connectTimeout = connectTimeout
    self.maximumResponseBytes = maximumResponseBytes
  }
}

extension HTTPRequest {
  /// Refuses what could end a line or a C string early and so smuggle in another field or address.
  func check() throws(HTTPFailure) {
    let lowercased = url.prefix(8).lowercased()
    guard lowercased.hasPrefix("http://") || lowercased.hasPrefix("https://"),
      url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F })
    else { throw .invalidURL }
    guard isToken(method) else { throw .invalidRequest }
    // Lengths that differ from the body would let a server take its end for another request.
    for name in ["Content-Length", "Transfer-Encoding"] {
      guard headers[name] == nil else { throw .invalidRequest }
    }
    for field in headers.fields {
      guard isToken(field.name), field.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 })
      else { throw .invalidRequest }
    }
  }

  /// Follows `token` of RFC 9110 section 5.6.2.
  private func isToken(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
      }
  }
}
