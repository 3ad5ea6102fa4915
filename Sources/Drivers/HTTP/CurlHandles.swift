internal import CCurlShim

/// Owns the handle that runs many transfers, and with it the connections.
// Sendable because `wake` is the one call made from other threads, which libcurl allows for curl_multi_wakeup; all
// others come from the client's thread.
final class MultiHandle: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer

  /// libcurl asks for one initialisation before all other calls; its flags are CURL_GLOBAL_DEFAULT.
  private static let initialised = curl_global_init(3)

  init(_ configuration: HTTPClientConfiguration) throws(HTTPFailure) {
    guard Self.initialised == CURLE_OK else { throw HTTPFailure(Self.initialised) }
    guard let pointer = curl_multi_init() else { throw HTTPFailure(CURLE_OUT_OF_MEMORY) }
    self.pointer = pointer
    let idle = min(max(configuration.maximumIdleConnections, 1), 65_536)
    let code = CCurlShim_multi_setopt_long(pointer, CURLMOPT_MAXCONNECTS, idle)
    guard code == CURLM_OK else { throw HTTPFailure(code) }
  }

  deinit { curl_multi_cleanup(pointer) }

  /// Ends the present or the next wait in `curl_multi_poll`.
  func wake() { curl_multi_wakeup(pointer) }
}

/// Owns the handle of one transfer at a time.
final class EasyHandle {
  let pointer: UnsafeMutableRawPointer

  init?() {
    guard let pointer = curl_easy_init() else { return nil }
    self.pointer = pointer
  }

  deinit { curl_easy_cleanup(pointer) }

  func set(_ option: CURLoption, _ value: Int) throws(HTTPFailure) {
    try check(CCurlShim_easy_setopt_long(pointer, option, value))
  }

  func set(_ option: CURLoption, _ text: String) throws(HTTPFailure) {
    try check(CCurlShim_easy_setopt_string(pointer, option, text))
  }

  func check(_ code: CURLcode) throws(HTTPFailure) {
    guard code == CURLE_OK else { throw HTTPFailure(code) }
  }
}

/// Owns a list of header lines.
final class HeaderList {
  private(set) var pointer: UnsafeMutablePointer<curl_slist>?

  deinit { curl_slist_free_all(pointer) }

  func append(_ line: String) throws(HTTPFailure) {
    guard let longer = curl_slist_append(pointer, line) else { throw HTTPFailure(CURLE_OUT_OF_MEMORY) }
    pointer = longer
  }
}
