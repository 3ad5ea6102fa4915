import WorkerKit

/// The way to a server, or to the servers of a cluster.
final class RedisConnection: Sendable {
  private enum Way {
    case line(RedisLine)
    case cluster(RedisCluster)
  }

  private let way: Way

  /// Prepares the way; the first command connects.
  init(settings: RedisSettings, environment: Environment) {
    if case .cluster(let nodes) = settings.address.place {
      way = .cluster(RedisCluster(seeds: nodes, settings: settings, environment: environment))
    } else {
      way = .line(RedisLine(RedisDoor(settings), environment: environment))
    }
  }

  /// True where keys of several slots may be on several servers.
  var isCluster: Bool {
    if case .cluster = way { true } else { false }
  }

  /// Sends a command to the server that has the key, and suspends until its reply is there. An error reply is a reply.
  func run(
    on key: String, refreshing: Bool = false, _ command: @escaping @Sendable (RedisSession) -> [String]
  ) async throws(DriverError) -> RedisAnswer {
    switch way {
    case .line(let line): try await line.run(refreshing: refreshing, command)
    case .cluster(let cluster): try await cluster.run(on: key, refreshing: refreshing, command)
    }
  }

  /// Answers what was asked for, and hangs up.
  func close() async {
    switch way {
    case .line(let line): await line.close()
    case .cluster(let cluster): await cluster.close()
    }
  }
}
