import WorkerKit

/// The Sentinels of a master: any of them says where it is now.
///
/// They are asked as https://redis.io/docs/latest/develop/reference/sentinel-clients describes: one after the other
/// until one answers, which is asked first the next time; and whoever is named is taken at its own word.
struct RedisSentinels {
  private let nodes: [RedisNode]
  private let master: String
  private let credentials: RedisCredentials
  private let timeout: Duration
  /// The one that answered last.
  private var first = 0

  private enum Answer {
    case master(RedisNode)
    case unknown
    case failed(DriverError)
  }

  init(_ nodes: [RedisNode], master: String, settings: RedisSettings) {
    self.nodes = nodes
    self.master = master
    credentials = settings.address.sentinelCredentials
    timeout = settings.connectTimeout
  }

  /// Opens the master that one of them names, each of those that are named once.
  /// - Throws: Why the last that was named could not be opened; what the Sentinels said, where none named any.
  mutating func open<Value>(_ body: (RedisNode) throws(RedisBreak) -> Value) throws(RedisBreak) -> Value {
    var (failures, tried): ([(node: RedisNode, answer: Answer)], Set<RedisNode>) = ([], [])
    var lastError: DriverError?
    for place in nodes.indices.map({ ($0 + first) % nodes.count }) {
      let answer = ask(nodes[place], within: timeout)
      guard case .master(let node) = answer else {
        failures.append((nodes[place], answer))
        continue
      }
      guard tried.insert(node).inserted else { continue }
      do throws(RedisBreak) {
        let value = try body(node)
        first = place
        return value
      } catch {
        lastError = error.error
      }
    }
    throw RedisBreak(error: lastError ?? error(of: failures), mayReconnect: false)
  }

  /// Whether the one that answered last, or the next where it is silent, names another master now.
  mutating func nameAnother(than node: RedisNode) -> Bool {
    // Whoever asks has other things to do as well.
    switch ask(nodes[first], within: min(timeout, Self.patience)) {
    case .master(let named): return named != node
    case .unknown, .failed:
      first = (first + 1) % nodes.count
      return false
    }
  }

  private static let patience = Duration.milliseconds(500)

  private func ask(_ node: RedisNode, within limit: Duration) -> Answer {
    let reply: RedisReply
    do throws(RedisBreak) {
      let socket = try RedisSocket(.node(node), connectTimeout: limit, commandTimeout: limit)
      do throws(RedisRefusal) {
        try RedisSession.greet(socket, credentials)
        reply = try RedisSession.ask(socket, ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", master])
      } catch {
        throw error.asBreak
      }
    } catch {
      return .failed(error.error)
    }
    guard reply.list.count == 2, let port = Int(reply.list[1].text) else { return .unknown }
    return .master(RedisNode(reply.list[0].text, port: port))
  }

  /// What is wrong where no Sentinel has named a master.
  private func error(of failures: [(node: RedisNode, answer: Answer)]) -> DriverError {
    var (isUnknownToAll, words) = (true, [String]())
    for (node, answer) in failures {
      guard case .failed(let error) = answer else {
        words.append("\(node) does not know \(master)")
        continue
      }
      if RedisFault.concernsAccess(error) { return RedisFault.sentinelAccess(node, error) }
      isUnknownToAll = isUnknownToAll && error.kind == .damaged
      words.append(error.kind == .damaged ? "\(node) is no Sentinel" : error.detail)
    }
    let said = words.joined(separator: "; ")
    return isUnknownToAll ? RedisFault.unknownMaster(said) : RedisFault.noSentinel(said)
  }
}
