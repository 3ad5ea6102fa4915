import DriverThreads
import Synchronization
import WorkerKit

/// The masters of a Redis Cluster, and a connection to each that was needed.
///
/// Which of them has a key is learnt from any node, and corrected by what they answer.
final class RedisCluster: Sendable {
  private struct State {
    var map = RedisSlotMap()
    /// Raised whenever the map was learnt anew.
    var version = 0
    var lines: [RedisNode: RedisLine] = [:]
    /// Who has told of the map, and is asked first.
    var guide: RedisNode?
    var lastError: DriverError?
    var backoff: ReconnectBackoff
    var learnsAgainAt = Duration.zero
    var isClosed = false
  }

  private let seeds: [RedisNode]
  private let settings: RedisSettings
  private let environment: Environment
  private let state: Mutex<State>
  /// Where the map is learnt, which blocks.
  private let scout = WorkThread(name: "redis-map")

  /// Prepares a cluster that any of `seeds` knows; the first command connects.
  init(seeds: [RedisNode], settings: RedisSettings, environment: Environment) {
    self.seeds = seeds
    self.settings = settings
    self.environment = environment
    state = Mutex(State(backoff: ReconnectBackoff(random: environment.random)))
  }

  /// Sends a command to the master that has the key, follows where it is sent to, and waits, for as long as a command
  /// may take, while the cluster is without that master or the slot is on its way.
  func run(
    on key: String, refreshing: Bool, _ command: @escaping @Sendable (RedisSession) -> [String]
  ) async throws(DriverError) -> RedisAnswer {
    let slot = RedisSlot.of(key)
    let end = environment.time.monotonic + settings.commandTimeout
    var backoff = ReconnectBackoff(random: environment.random)
    var (sentTo, turns): (RedisNode?, Int) = (nil, 0)
    while true {
      let (owner, version) = try await owner(of: slot)
      let (node, isAsking) = (sentTo ?? owner, sentTo != nil)
      sentTo = nil
      let answer: RedisAnswer
      do throws(DriverError) {
        answer = try await line(to: node).run(refreshing: refreshing, asking: isAsking, command)
      } catch {
        // Also where no time is left: the next command has to know.
        let hasMoved = error.isTransient ? await hasMoved(slot, from: node, learning: version) : false
        guard hasMoved, environment.time.monotonic < end else { throw error }
        continue
      }
      turns += 1
      switch RedisRedirect(answer.reply, asked: node) {
      case nil: return answer
      case .moved(let slot, let other)? where turns < Self.mostTurns: state.withLock { $0.map.set(slot, other) }
      case .ask(let other)? where turns < Self.mostTurns: sentTo = other
      case .moved?, .ask?, .again?:
        let pause = backoff.next()
        guard environment.time.monotonic + pause < end, (try? await environment.time.sleep(for: pause)) != nil else {
          throw RedisFault.noOwner
        }
        turns = 0
      }
    }
  }

  /// Answers what was asked for, and hangs up.
  func close() async {
    let lines = state.withLock { state in
      state.isClosed = true
      defer { state.lines = [:] }
      return Array(state.lines.values)
    }
    scout.close()
    for line in lines { await line.close() }
  }

  /// How often in a row nodes may send a command elsewhere; then they do not agree yet.
  private static let mostTurns = 5

  /// Who has the slot, and by which version of the map.
  private func owner(of slot: Int) async throws(DriverError) -> (RedisNode, Int) {
    let (known, before) = state.withLock { ($0.map.owner(of: slot), $0.version) }
    if let known { return (known, before) }
    try await learn(after: before)
    let (owner, version) = state.withLock { ($0.map.owner(of: slot), $0.version) }
    guard let owner else { throw RedisFault.noOwner }
    return (owner, version)
  }

  /// Looks at who has the slot now, after `node` could not be spoken to.
  private func hasMoved(_ slot: Int, from node: RedisNode, learning version: Int) async -> Bool {
    guard (try? await learn(after: version)) != nil else { return false }
    let owner = state.withLock { $0.map.owner(of: slot) }
    return owner != nil && owner != node
  }

  private func line(to node: RedisNode) throws(DriverError) -> RedisLine {
    let line = state.withLock { state -> RedisLine? in
      guard !state.isClosed else { return nil }
      if let line = state.lines[node] { return line }
      let line = RedisLine(RedisDoor(.node(node), settings), environment: environment)
      state.lines[node] = line
      return line
    }
    guard let line else { throw RedisFault.closed }
    return line
  }
}

extension RedisCluster {
  /// Learns the map anew, unless somebody has since it had this version.
  private func learn(after version: Int) async throws(DriverError) {
    let result = await scout.run { [self] in
      guard state.withLock({ $0.version }) == version else { return Result<Void, DriverError>.success(()) }
      return look()
    }
    guard let result else { throw RedisFault.closed }
    try result.get()
  }

  /// Asks whatever node answers; blocks.
  private func look() -> Result<Void, DriverError> {
    let now = environment.time.monotonic
    let (known, error) = state.withLock { state in
      ((state.guide.map { [$0] } ?? []) + seeds + state.map.nodes, now < state.learnsAgainAt ? state.lastError : nil)
    }
    if let error { return .failure(error) }
    var nodes: [RedisNode] = []
    for node in known where !nodes.contains(node) { nodes.append(node) }
    var door = RedisDoor(anyOf: nodes, settings)
    do throws(RedisBreak) {
      let address = settings.address
      let (map, guide) = try door.open { socket throws(RedisRefusal) in
        try RedisSession.greet(socket, address.credentials)
        let reply = try RedisSession.ask(socket, ["CLUSTER", "SLOTS"])
        guard case .node(let asked) = socket.endpoint, !reply.list.isEmpty else { throw .unfit(RedisFault.noOwner) }
        return (RedisSlotMap(reply, asked: asked), asked)
      }.value
      take(map, from: guide)
      return .success(())
    } catch {
      state.withLock { state in
        state.lastError = error.error
        state.learnsAgainAt = environment.time.monotonic + state.backoff.next()
      }
      return .failure(error.error)
    }
  }

  /// Takes a map over, and lets go of connections to those that are no masters any more; what is under way there is
  /// answered.
  private func take(_ map: RedisSlotMap, from guide: RedisNode) {
    state.withLock { state in
      (state.map, state.guide) = (map, guide)
      state.version += 1
      state.backoff.reset()
      state.lastError = nil
      state.lines = state.lines.filter { map.nodes.contains($0.key) }
    }
  }
}
