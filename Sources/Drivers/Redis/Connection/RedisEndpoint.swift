/// Where one server listens.
enum RedisEndpoint: Sendable, Hashable, CustomStringConvertible {
  case node(RedisNode)
  case socket(path: String)

  var description: String {
    switch self {
    case .node(let node): "\(node)"
    case .socket(let path): path
    }
  }
}
