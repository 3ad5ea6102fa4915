public import WorkerKit

/// Where Redis is, and as whom to speak to it.
///
/// Read from a URL, of which user, password, ports and database may be missing:
///
/// - one server: `redis://user:password@host:6379/0`, or `unix://user:password@/path/of/socket?db=0`;
/// - the master that Sentinels name: `redis+sentinel://user:password@one:26379,two:26379/MASTER/0`, where the user is
///   the master's; `?sentinel_user=…&sentinel_password=…` where the Sentinels ask for one, too;
/// - a Redis Cluster: `redis+cluster://user:password@one:6379,two:6379`, any of its nodes.
///
/// Characters that mean something in a URL are percent-encoded.
public struct RedisAddress: Sendable, CustomStringConvertible {
  /// How the server is reached.
  public enum Place: Sendable, Hashable {
    case node(RedisNode)
    case socket(path: String)
    /// The master of this name, wherever one of these says that it is.
    case sentinels([RedisNode], master: String)
    /// The masters of a cluster, which any of these knows.
    case cluster([RedisNode])
  }

  public let place: Place
  /// Nil for the server's default user.
  public var user: String? { credentials.user }
  /// The number of the database; what is kept for the queue has a prefix of its own all the same.
  public let database: Int
  let credentials: RedisCredentials
  let sentinelCredentials: RedisCredentials

  /// Describes an address. The Sentinels' user and password are for these alone.
  public init(
    _ place: Place, user: String? = nil, password: String? = nil, database: Int = 0, sentinelUser: String? = nil,
    sentinelPassword: String? = nil
  ) {
    self.place = place
    self.database = database
    credentials = RedisCredentials(user: user, password: password)
    sentinelCredentials = RedisCredentials(user: sentinelUser, password: sentinelPassword)
  }

  /// Reads a URL. `password`, from a file or a variable of its own, goes before the one in the URL.
  /// - Throws: An error of kind refused that says what is wrong, without repeating the URL.
  public init(url: String, password: String? = nil) throws(DriverError) {
    self = try RedisURL(url).address(password: password)
  }

  /// The place and the database, and nothing secret.
  public var description: String {
    switch place {
    case .node(let node): "\(node)/\(database)"
    case .socket(let path): "\(path)?db=\(database)"
    case .sentinels(let nodes, let master): "\(master)/\(database) by the Sentinels \(Self.list(nodes))"
    case .cluster(let nodes): "the cluster of \(Self.list(nodes))"
    }
  }

  static func list(_ nodes: [RedisNode]) -> String { nodes.map(\.description).joined(separator: ", ") }
}
