import WorkerKit

/// Opens connections to the server that is to be spoken to at the moment.
struct RedisDoor {
  private enum Way {
    case one(RedisEndpoint)
    case master(RedisSentinels)
    case any([RedisNode])
  }

  private var way: Way
  private let settings: RedisSettings

  /// What was asked for.
  var address: RedisAddress { settings.address }

  /// To one server.
  init(_ endpoint: RedisEndpoint, _ settings: RedisSettings) {
    way = .one(endpoint)
    self.settings = settings
  }

  /// To the first of several that is fit.
  init(anyOf nodes: [RedisNode], _ settings: RedisSettings) {
    way = .any(nodes)
    self.settings = settings
  }

  /// To whatever the address names; any node of a cluster.
  init(_ settings: RedisSettings) {
    self.settings = settings
    switch settings.address.place {
    case .node(let node): way = .one(.node(node))
    case .socket(let path): way = .one(.socket(path: path))
    case .sentinels(let nodes, let master): way = .master(RedisSentinels(nodes, master: master, settings: settings))
    case .cluster(let nodes): way = .any(nodes)
    }
  }

  /// Connects, and has `begin` say whether the server is the right one.
  mutating func open<Value>(
    _ begin: (RedisSocket) throws(RedisRefusal) -> Value
  ) throws(RedisBreak) -> (socket: RedisSocket, value: Value) {
    switch way {
    case .one(let endpoint): return try connect(endpoint, begin)
    case .master(var sentinels):
      defer { way = .master(sentinels) }
      return try sentinels.open { node throws(RedisBreak) in try connect(.node(node), begin) }
    case .any(let nodes):
      var lastError = RedisFault.closed
      for (index, node) in nodes.enumerated() {
        do throws(RedisBreak) {
          let opened = try connect(.node(node), begin)
          way = .any(Array(nodes[index...] + nodes[..<index]))
          return opened
        } catch {
          lastError = error.error
        }
      }
      throw RedisBreak(error: lastError, mayReconnect: false)
    }
  }

  /// True where another server has taken the place of this one, as far as one can ask; a server that only an address
  /// stands for stays.
  mutating func leadsElsewhere(than endpoint: RedisEndpoint) -> Bool {
    guard case .master(var sentinels) = way, case .node(let node) = endpoint else { return false }
    defer { way = .master(sentinels) }
    return sentinels.nameAnother(than: node)
  }

  private func connect<Value>(
    _ endpoint: RedisEndpoint, _ begin: (RedisSocket) throws(RedisRefusal) -> Value
  ) throws(RedisBreak) -> (socket: RedisSocket, value: Value) {
    let socket = try RedisSocket(
      endpoint, connectTimeout: settings.connectTimeout, commandTimeout: settings.commandTimeout)
    do throws(RedisRefusal) { return (socket, try begin(socket)) } catch { throw error.asBreak }
  }
}
