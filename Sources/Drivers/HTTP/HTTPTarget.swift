internal import CCurlShim

/// The host and port of a URL, as the client itself reads them.
public struct HTTPTarget: Sendable, Hashable {
  /// In lower case; an IPv6 address stands in brackets.
  public let host: String
  /// The URL's port, or its scheme's.
  public let port: Int

  /// Names a host and a port.
  public init(host: String, port: Int) {
    self.host = host.lowercased()
    self.port = port
  }

  /// Takes a URL apart with libcurl's parser, the one that decides where a request goes: two parsers that disagree
  /// about a URL are how a guard is talked past.
  /// - Throws: `invalidURL` where it is none.
  public init(url: String) throws(HTTPFailure) {
    let parts = try URLHandle(url)
    guard let host = parts.text(CURLUPART_HOST, flags: 0), !host.isEmpty,
      let port = parts.text(CURLUPART_PORT, flags: URLHandle.defaultPort).flatMap({ Int($0) })
    else { throw .invalidURL }
    self.init(host: host, port: port)
  }
}

/// Owns a URL in libcurl's hands.
private final class URLHandle {
  private let pointer: OpaquePointer

  /// CURLU_DEFAULT_PORT: the scheme's port where the URL names none.
  static let defaultPort: UInt32 = 1 << 0

  init(_ url: String) throws(HTTPFailure) {
    guard let pointer = curl_url() else { throw HTTPFailure(CURLE_OUT_OF_MEMORY) }
    guard curl_url_set(pointer, CURLUPART_URL, url, 0) == CURLUE_OK else {
      curl_url_cleanup(pointer)
      throw .invalidURL
    }
    self.pointer = pointer
  }

  deinit { curl_url_cleanup(pointer) }

  func text(_ part: CURLUPart, flags: UInt32) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(pointer, part, &text, flags) == CURLUE_OK, let text else { return nil }
    defer { curl_free(text) }
    return String(cString: text)
  }
}
