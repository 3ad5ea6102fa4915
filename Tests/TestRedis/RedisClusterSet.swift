import TestProcesses

/// A Redis Cluster of three masters with a replica each: real servers on loopback ports.
///
/// Servers 0 to 2 are the masters in the beginning, each of a third of the slots, and server `n + 3` follows server
/// `n`.
public final class RedisClusterSet: Sendable {
  public let servers: [RedisServer]
  private let busPorts: [Int]

  /// One cluster for all tests of a run; each takes a prefix of its own. Nothing may disturb it.
  public static func shared() async throws -> RedisClusterSet { try await running.value }

  private static let running = Task { try await RedisClusterSet.start() }

  /// Starts all and joins them. A master is taken for dead after a second.
  public static func start() async throws -> RedisClusterSet {
    var (servers, busPorts): ([RedisServer], [Int]) = ([], [])
    for _ in 0..<6 {
      // The bus would be at a port that is larger by 10,000, which there may not be.
      let bus = try LoopbackPort.unused()
      servers.append(
        try await RedisServer.start([
          "--cluster-enabled", "yes", "--cluster-port", "\(bus)", "--cluster-node-timeout", "1000",
          "--repl-diskless-sync-delay", "0", "--cluster-config-file", "nodes.conf",
        ]))
      busPorts.append(bus)
    }
    let cluster = RedisClusterSet(servers: servers, busPorts: busPorts)
    try await cluster.join()
    return cluster
  }

  private init(servers: [RedisServer], busPorts: [Int]) {
    self.servers = servers
    self.busPorts = busPorts
  }

  /// The URL by which clients find the cluster.
  public var url: String { "redis+cluster://" + servers.map { "127.0.0.1:\($0.port)" }.joined(separator: ",") }

  /// The name that a server has in the cluster.
  public func id(of server: RedisServer) async throws -> String { try await server.command("CLUSTER", "MYID") }

  /// The slot of a key, by the servers' own account.
  public func slot(of key: String) async throws -> Int {
    Int(try await servers[0].command("CLUSTER", "KEYSLOT", key)) ?? -1
  }

  /// The place of the master that has a key in the beginning.
  public func place(of key: String) async throws -> Int { try await slot(of: key) / Self.share }

  /// Moves a key's slot to another master, as `redis-cli --cluster reshard` does, and calls back halfway: when the slot
  /// is on its way, and none or all of its keys have arrived.
  public func move(
    slotOf key: String, from source: RedisServer, to target: RedisServer,
    _ halfway: (_ haveArrived: Bool) async throws -> Void = { _ in }
  ) async throws {
    let slot = "\(try await slot(of: key))"
    try await target.command("CLUSTER", "SETSLOT", slot, "IMPORTING", id(of: source))
    try await source.command("CLUSTER", "SETSLOT", slot, "MIGRATING", id(of: target))
    try await halfway(false)
    while true {
      let keys = try await source.command("CLUSTER", "GETKEYSINSLOT", slot, "100").split(separator: "\n")
      if keys.isEmpty { break }
      try await source.command(
        ["MIGRATE", "127.0.0.1", "\(target.port)", "", "0", "5000", "KEYS"] + keys.map(String.init))
    }
    try await halfway(true)
    for server in [target, source] { try await server.command("CLUSTER", "SETSLOT", slot, "NODE", id(of: target)) }
  }

  /// Whether a server is a master that takes commands.
  public static func isMaster(_ server: RedisServer) async throws -> Bool {
    guard try await server.command("ROLE").hasPrefix("master") else { return false }
    return try await server.command("CLUSTER", "INFO").contains("cluster_state:ok")
  }

  private static let share = 16_384 / 3 + 1

  private func join() async throws {
    for (place, server) in servers.enumerated() {
      try await server.command("CLUSTER", "SET-CONFIG-EPOCH", "\(place + 1)")
      guard place < 3 else { continue }
      let last = min((place + 1) * Self.share, 16_384) - 1
      try await server.command("CLUSTER", "ADDSLOTSRANGE", "\(place * Self.share)", "\(last)")
    }
    for (server, bus) in zip(servers, busPorts).dropFirst() {
      try await servers[0].command("CLUSTER", "MEET", "127.0.0.1", "\(server.port)", "\(bus)")
    }
    try await until { server in
      try await server.command("CLUSTER", "INFO").contains("cluster_known_nodes:6")
    }
    for place in 3..<6 {
      let master = try await id(of: servers[place - 3])
      while try await servers[place].command("CLUSTER", "REPLICATE", master) != "OK" {}
    }
    for replica in servers[3...] {
      while try await !replica.command("INFO", "replication").contains("master_link_status:up") {}
    }
    try await until { server in
      let nodes = try await server.command("CLUSTER", "NODES").split(separator: "\n")
      guard nodes.count(where: { $0.contains("slave ") }) == 3 else { return false }
      return try await server.command("CLUSTER", "INFO").contains("cluster_state:ok")
    }
  }

  private func until(_ isSo: (RedisServer) async throws -> Bool) async throws {
    for server in servers {
      while try await !isSo(server) { try Task.checkCancellation() }
    }
  }
}
