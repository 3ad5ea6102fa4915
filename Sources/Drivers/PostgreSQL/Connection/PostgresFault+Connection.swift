import WorkerKit

extension PostgresFault {
  /// Why there is no connection. The server's refusals come with their SQLSTATE, libpq's own reasons as words alone.
  static func connecting(_ words: String, password: String?) -> DriverError {
    let words = hiding(password, in: words)
    if let state = state(in: words) {
      let refusal = error(state: state, words: words)
      if refusal.code != "postgres_lost" { return refusal }
    }
    if words.contains("read-only") || words.contains("hot standby") { return error(state: "25006", words: words) }
    if words.contains("no password supplied") { return error(state: "28P01", words: words) }
    if words.contains("SSL") || words.contains("certificate") {
      return DriverError(
        .unavailable, "postgres_tls",
        "The server and this side do not agree on TLS; look at sslmode, sslrootcert and the server's certificate.",
        detail: words)
    }
    return DriverError(
      .unavailable, "postgres_unreachable", "The database server cannot be reached; start it, or correct its address.",
      detail: words)
  }

  /// `28P01` of `FATAL:  28P01: password authentication failed`, which is how libpq words it when it is verbose.
  private static func state(in words: String) -> String? {
    let parts: [Substring] = words.split(separator: ":")
    return parts.map { part in String(part.drop { $0 == " " }) }.first { part in
      part.count == 5 && part.allSatisfy { $0.isASCII && ($0.isNumber || $0.isUppercase) }
        && part.contains(where: \.isNumber)
    }
  }

  /// One line without the server's source position and without the password, should a name hold it.
  private static func hiding(_ password: String?, in words: String) -> String {
    let lines: [Substring] = words.split(separator: "\n").filter { !$0.contains("LOCATION:") }
    let line = lines.map { line in String(line.drop { $0 == " " || $0 == "\t" }) }.joined(separator: " ")
    guard let password, !password.isEmpty else { return line }
    return line.split(separator: password, omittingEmptySubsequences: false).joined(separator: "•••")
  }
}
