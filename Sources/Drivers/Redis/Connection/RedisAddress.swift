public import WorkerKit

/// Where a Redis server is, and as whom to speak to it.
///
/// Read from a URL: `redis://user:password@host:6379/0`, or `unix://user:password@/path/of/socket?db=0`. User,
/// password, port (6379) and database (0) may be missing; characters that mean something in a URL are
/// percent-encoded.
public struct RedisAddress: Sendable, CustomStringConvertible {
  /// How the server is reached.
  public enum Place: Sendable, Hashable {
    case host(String, port: Int)
    case socket(path: String)
  }

  public let place: Place
  /// Nil for the server's default user.
  public let user: String?
  /// The number of the database; what is kept for the queue has a prefix of its own all the same.
  public let database: Int
  let password: RedisSecret?

  /// Describes an address.
  public init(_ place: Place, user: String? = nil, password: String? = nil, database: Int = 0) {
    self.place = place
    self.user = user
    self.password = password.map { RedisSecret(value: $0) }
    self.database = database
  }

  /// The place and the database, and nothing secret.
  public var description: String {
    switch place {
    case .host(let host, let port): "\(host.contains(":") ? "[\(host)]" : host):\(port)/\(database)"
    case .socket(let path): "\(path)?db=\(database)"
    }
  }

  /// Reads a URL. `password`, from a file or a variable of its own, goes before the one in the URL.
  /// - Throws: An error of kind refused that says what is wrong, without repeating the URL.
  public init(url: String, password: String? = nil) throws(DriverError) {
    guard let schemeEnd = url.firstRange(of: "://") else {
      throw Self.wrong("redis_url", "A Redis URL begins with redis:// or unix://.")
    }
    let rest = url[schemeEnd.upperBound...]
    let isSocket: Bool
    switch url[..<schemeEnd.lowerBound] {
    case "redis": isSocket = false
    case "unix", "redis+unix": isSocket = true
    case "rediss":
      throw Self.wrong(
        "redis_tls", "This driver does not speak TLS; run a TLS proxy such as stunnel beside it, and name that.")
    default: throw Self.wrong("redis_url", "A Redis URL begins with redis:// or unix://.")
    }
    let authorityEnd = isSocket ? rest.endIndex : rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    let at = rest[..<authorityEnd].lastIndex(of: "@")
    let (user, inURL) = try Self.credentials(at.map { rest[..<$0] })
    let location = at.map { rest[rest.index(after: $0)...] } ?? rest
    let (place, database) = try isSocket ? Self.socket(location) : Self.host(location)
    self.init(place, user: user, password: password ?? inURL, database: database)
  }

  private static func credentials(_ text: Substring?) throws(DriverError) -> (user: String?, password: String?) {
    guard let text else { return (nil, nil) }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let (user, password) = (try decoded(parts[0]), parts.count > 1 ? try decoded(parts[1]) : nil)
    if !user.isEmpty, password == nil {
      throw wrong("redis_url", "A Redis URL with a user needs a password: redis://user:password@host.")
    }
    return (user.isEmpty ? nil : user, password?.isEmpty == false ? password : nil)
  }

  private static func host(_ text: Substring) throws(DriverError) -> (Place, Int) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    if text.contains("?") { throw wrong("redis_url", "A Redis URL takes no settings after a question mark.") }
    var (host, port) = (parts[0], 6379)
    let portMark = host.last == "]" ? nil : host.lastIndex(of: ":")
    if let portMark {
      guard let number = Int(host[host.index(after: portMark)...]), (1...65535).contains(number) else {
        throw wrong("redis_url", "The port of a Redis URL is a number from 1 to 65535.")
      }
      (host, port) = (host[..<portMark], number)
    }
    if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
    guard !host.isEmpty else { throw wrong("redis_url", "A Redis URL names a host: redis://host:6379/0.") }
    return (.host(try decoded(host), port: port), try database(parts.count > 1 ? parts[1] : ""))
  }

  private static func socket(_ text: Substring) throws(DriverError) -> (Place, Int) {
    let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts[0].hasPrefix("/"), parts[0].utf8.count > 1 else {
      throw wrong("redis_url", "The path of a Redis socket is absolute: unix:///run/redis/redis.sock.")
    }
    let settings = parts.count > 1 ? parts[1] : ""
    guard settings.isEmpty || settings.hasPrefix("db=") else {
      throw wrong("redis_url", "The URL of a Redis socket takes the setting db alone: unix:///path?db=0.")
    }
    return (.socket(path: try decoded(parts[0])), try database(settings.dropFirst("db=".count)))
  }

  private static func database(_ text: Substring) throws(DriverError) -> Int {
    if text.isEmpty { return 0 }
    guard let number = Int(text), number >= 0 else {
      throw wrong("redis_url", "The database of a Redis URL is a number from 0 on.")
    }
    return number
  }

  private static func decoded(_ text: Substring) throws(DriverError) -> String {
    var (bytes, rest) = ([UInt8](), text.utf8[...])
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count > 1, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
        throw wrong("redis_url", "A Redis URL has a percent sign that encodes nothing; write %25 for the sign itself.")
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func wrong(_ code: String, _ message: String) -> DriverError { DriverError(.refused, code, message) }
}
