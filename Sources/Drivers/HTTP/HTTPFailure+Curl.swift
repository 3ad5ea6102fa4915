internal import CCurlShim

extension HTTPFailure {
  /// What libcurl's result of a transfer means.
  init(_ code: CURLcode) {
    switch code {
    case CURLE_OPERATION_TIMEDOUT: self = .timeout
    case CURLE_COULDNT_CONNECT: self = .connectionRefused
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: self = .nameNotResolved
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CERTPROBLEM,
      CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      self = .tls
    case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE, CURLE_HTTP2, CURLE_HTTP2_STREAM:
      self = .connectionLost
    case CURLE_FILESIZE_EXCEEDED: self = .responseTooLarge
    case CURLE_URL_MALFORMAT: self = .invalidURL
    // The request's own scheme is checked before; here it is that of a redirect, or "HTTP/0.9", which is any bytes.
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY: self = .invalidResponse
    default: self = .other(code: Int(code.rawValue), text: String(cString: curl_easy_strerror(code)))
    }
  }

  /// What a failure of the multi handle means; all transfers share it.
  init(_ code: CURLMcode) {
    self = .other(code: Int(code.rawValue), text: String(cString: curl_multi_strerror(code)))
  }
}
