import WorkerKit

/// Reads a URL of Redis. What is wrong with one is said without repeating it.
struct RedisURL {
  private enum Scheme {
    case server, socket, sentinels, cluster
  }

  private let scheme: Scheme
  private let credentials: (user: String?, password: String?)
  /// What follows the credentials.
  private let rest: Substring

  init(_ url: String) throws(DriverError) {
    guard let schemeEnd = url.firstRange(of: "://") else { throw Self.unknown }
    switch url[..<schemeEnd.lowerBound] {
    case "redis": scheme = .server
    case "unix", "redis+unix": scheme = .socket
    case "redis+sentinel": scheme = .sentinels
    case "redis+cluster": scheme = .cluster
    case let other where other.hasPrefix("rediss"):
      throw Self.wrong(
        "This driver does not speak TLS: run a TLS proxy such as stunnel beside it and name that, as docs/redis.md "
          + "shows.", code: "redis_tls")
    default: throw Self.unknown
    }
    let rest = url[schemeEnd.upperBound...]
    let authorityEnd = scheme == .socket ? rest.endIndex : rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    let at = rest[..<authorityEnd].lastIndex(of: "@")
    credentials = try Self.credentials(at.map { rest[..<$0] })
    self.rest = at.map { rest[rest.index(after: $0)...] } ?? rest
  }

  /// The address; `password` goes before the one in the URL.
  func address(password: String?) throws(DriverError) -> RedisAddress {
    let (user, password) = (credentials.user, password ?? credentials.password)
    switch scheme {
    case .server:
      let (nodes, path, query) = try nodes(port: 6379)
      guard query.isEmpty else { throw Self.wrong("A Redis URL takes no settings after a question mark.") }
      guard nodes.count == 1, path.count < 2 else {
        throw Self.wrong("A Redis URL names one host and a database: redis://host:6379/0.")
      }
      return RedisAddress(.node(nodes[0]), user: user, password: password, database: try Self.database(path.first))
    case .socket:
      let (path, database) = try socket()
      return RedisAddress(.socket(path: path), user: user, password: password, database: database)
    case .sentinels: return try sentinels(user, password)
    case .cluster:
      let (nodes, path, query) = try nodes(port: 6379)
      guard path.isEmpty, query.isEmpty else {
        throw Self.wrong("The URL of a Redis Cluster names nodes alone: redis+cluster://one:6379,two:6379.")
      }
      return RedisAddress(.cluster(nodes), user: user, password: password)
    }
  }

  private func sentinels(_ user: String?, _ password: String?) throws(DriverError) -> RedisAddress {
    let (nodes, path, query) = try nodes(port: 26379)
    guard (1...2).contains(path.count), !path[0].isEmpty else {
      throw Self.wrong(
        "The URL of Sentinels ends with the master's name: redis+sentinel://one:26379,two:26379/MASTER/0.")
    }
    var settings: [String: String] = [:]
    for setting in query.split(separator: "&") {
      let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, ["sentinel_user", "sentinel_password"].contains(parts[0]) else {
        throw Self.wrong("The URL of Sentinels takes the settings sentinel_user and sentinel_password alone.")
      }
      settings[String(parts[0])] = try Self.decoded(parts[1])
    }
    if settings["sentinel_user"] != nil, settings["sentinel_password"] == nil {
      throw Self.wrong("The URL of Sentinels with sentinel_user needs sentinel_password, too.")
    }
    return RedisAddress(
      .sentinels(nodes, master: try Self.decoded(path[0])), user: user, password: password,
      database: try Self.database(path.count > 1 ? path[1] : nil), sentinelUser: settings["sentinel_user"],
      sentinelPassword: settings["sentinel_password"])
  }

  /// The hosts, what stands between slashes after them, and what stands behind a question mark.
  private func nodes(port: Int) throws(DriverError) -> (nodes: [RedisNode], path: [Substring], query: Substring) {
    let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let words = parts[0].split(separator: "/", omittingEmptySubsequences: false)
    var nodes: [RedisNode] = []
    for host in words[0].split(separator: ",", omittingEmptySubsequences: false) {
      nodes.append(try Self.node(host, port: port))
    }
    let path = words.dropFirst()
    return (nodes, path.last == "" ? path.dropLast() : Array(path), parts.count > 1 ? parts[1] : "")
  }

  private static func node(_ text: Substring, port standard: Int) throws(DriverError) -> RedisNode {
    var (host, port) = (text, standard)
    let portMark = host.last == "]" ? nil : host.lastIndex(of: ":")
    if let portMark {
      guard let number = Int(host[host.index(after: portMark)...]), (1...65535).contains(number) else {
        throw wrong("The port of a Redis URL is a number from 1 to 65535.")
      }
      (host, port) = (host[..<portMark], number)
    }
    if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
    guard !host.isEmpty else { throw wrong("A Redis URL names a host: redis://host:6379/0.") }
    return RedisNode(try decoded(host), port: port)
  }

  private func socket() throws(DriverError) -> (String, Int) {
    let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts[0].hasPrefix("/"), parts[0].utf8.count > 1 else {
      throw Self.wrong("The path of a Redis socket is absolute: unix:///run/redis/redis.sock.")
    }
    let settings = parts.count > 1 ? parts[1] : ""
    guard settings.isEmpty || settings.hasPrefix("db=") else {
      throw Self.wrong("The URL of a Redis socket takes the setting db alone: unix:///path?db=0.")
    }
    return (try Self.decoded(parts[0]), try Self.database(settings.dropFirst("db=".count)))
  }

  private static func database(_ text: Substring?) throws(DriverError) -> Int {
    guard let text, !text.isEmpty else { return 0 }
    guard let number = Int(text), number >= 0 else { throw wrong("The database of a Redis URL is a number from 0 on.") }
    return number
  }

  private static func credentials(_ text: Substring?) throws(DriverError) -> (user: String?, password: String?) {
    guard let text else { return (nil, nil) }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let (user, password) = (try decoded(parts[0]), parts.count > 1 ? try decoded(parts[1]) : nil)
    if !user.isEmpty, password == nil {
      throw wrong("A Redis URL with a user needs a password: redis://user:password@host.")
    }
    return (user.isEmpty ? nil : user, password?.isEmpty == false ? password : nil)
  }

  private static func decoded(_ text: Substring) throws(DriverError) -> String {
    var (bytes, rest) = ([UInt8](), text.utf8[...])
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count > 1, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
        throw wrong("A Redis URL has a percent sign that encodes nothing; write %25 for the sign itself.")
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static let unknown = wrong(
    "A Redis URL begins with redis://, unix://, redis+sentinel:// or redis+cluster://.")

  private static func wrong(_ message: String, code: String = "redis_url") -> DriverError {
    DriverError(.refused, code, message)
  }
}
