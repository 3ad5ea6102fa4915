/// Where the API listens, and who may ask.
public struct APIOptions: Sendable {
  /// An address or a name: `127.0.0.1`, `::1`, `localhost`.
  public let host: String
  /// 0 for any free port.
  public let port: Int
  let token: AccessToken?

  /// Describes where to listen.
  /// - Throws: A `ListenError` for an address that others can reach, unless a token is asked for.
  public init(host: String = "127.0.0.1", port: Int, token: String? = nil) throws(ListenError) {
    if token == nil, !Self.isLoopback(host) { throw .tokenRequired(host: host) }
    if let token, token.utf8.count < AccessToken.shortest { throw .tokenTooShort }
    self.host = host
    self.port = port
    self.token = token.map { AccessToken($0) }
  }

  /// True for addresses that only this machine can reach: 127.0.0.0/8, `::1` and `localhost`.
  static func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}

/// Why the API cannot listen.
public enum ListenError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The address can be reached from other machines, and no token protects it.
  case tokenRequired(host: String)
  /// The token is one that can be guessed.
  case tokenTooShort
  /// The system refused: the port is taken, or the address is not this machine's.
  case refused(host: String, port: Int, reason: String)

  /// One line that says what to do.
  public var description: String {
    switch self {
    case .tokenRequired(let host):
      "\(host) can be reached from other machines; set MILLRACE_TOKEN, or listen on 127.0.0.1"
    case .tokenTooShort: "the token is too short; use at least \(AccessToken.shortest) characters"
    case .refused(let host, let port, let reason): "cannot listen on \(host):\(port): \(reason)"
    }
  }
}
