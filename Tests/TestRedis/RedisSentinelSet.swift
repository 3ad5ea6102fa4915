/// A master, two replicas, and three Sentinels that watch them: all real, on loopback ports.
public final class RedisSentinelSet: Sendable {
  /// Master and replicas, in the order in which they were started.
  public let servers: [RedisServer]
  public let sentinels: [RedisServer]

  /// What the Sentinels call the master.
  public static let master = "mill"

  /// Starts all, and returns when each Sentinel knows the others and both replicas. A master is taken for dead after a
  /// second. `settings` are for master and replicas, `sentinelSettings` are lines for the Sentinels' file.
  public static func start(
    _ settings: [String] = [], sentinelSettings: [String] = [], masterPassword: String? = nil
  ) async throws -> RedisSentinelSet {
    // Otherwise a replica is not there in the first seconds, and none could be promoted.
    let settings = settings + ["--repl-diskless-sync-delay", "0"]
    let master = try await RedisServer.start(settings)
    var servers = [master]
    for _ in 0..<2 {
      servers.append(try await RedisServer.start(settings + ["--replicaof", "127.0.0.1", "\(master.port)"]))
    }
    var lines = [
      "sentinel monitor \(Self.master) 127.0.0.1 \(master.port) 2",
      "sentinel down-after-milliseconds \(Self.master) 1000", "sentinel failover-timeout \(Self.master) 5000",
      "sentinel parallel-syncs \(Self.master) 2",
    ]
    if let masterPassword { lines.append("sentinel auth-pass \(Self.master) \(masterPassword)") }
    let file = (lines + sentinelSettings).joined(separator: "\n") + "\n"
    var sentinels: [RedisServer] = []
    for _ in 0..<3 {
      sentinels.append(
        try await RedisServer.start(["--sentinel"], configuration: file, ready: "Sentinel ID is"))
    }
    return RedisSentinelSet(servers: servers, sentinels: sentinels)
  }

  private init(servers: [RedisServer], sentinels: [RedisServer]) {
    self.servers = servers
    self.sentinels = sentinels
  }

  /// The URL by which clients find the master.
  public var url: String {
    "redis+sentinel://" + sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ",") + "/\(Self.master)"
  }

  /// The server that a Sentinel calls the master now; nil where it says nothing.
  public func master(by sentinel: Int = 2, password: String? = nil) async throws -> RedisServer? {
    let access = password.map { ["-a", $0] } ?? []
    let said = try await sentinels[sentinel].command(access + ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", Self.master])
    return servers.first { said.hasSuffix("\n\($0.port)") }
  }

  /// Whether each Sentinel knows the two others and both replicas, and these follow.
  public func isComplete() async throws -> Bool {
    for sentinel in sentinels {
      let words = try await sentinel.command("SENTINEL", "MASTER", Self.master).split(separator: "\n")
      func value(_ name: String) -> Substring? { words.firstIndex(of: name[...]).map { words[$0 + 1] } }
      guard value("num-slaves") == "2", value("num-other-sentinels") == "2", value("flags") == "master" else {
        return false
      }
    }
    return try await servers[0].command("INFO", "replication").split(whereSeparator: \.isNewline)
      .count { $0.hasPrefix("slave") && $0.contains("state=online") } == 2
  }
}
