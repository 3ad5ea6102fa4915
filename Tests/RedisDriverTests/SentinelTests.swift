import RedisDriver
import TestRedis
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("A master that Sentinels name", .timeLimit(.minutes(5)))
struct SentinelTests {
  /// A queue at the master of a set, under a prefix of its own.
  private func bench(_ set: RedisSentinelSet) -> RedisBench { RedisBench(set.servers[0]) }

  private func complete(_ set: RedisSentinelSet) async throws {
    while try await !set.isComplete() { try Task.checkCancellation() }
  }

  @Test("It is found by whichever Sentinel answers; what none of them says is said, and where they were asked")
  func findsMaster() async throws {
    let set = try await RedisSentinelSet.start()
    let bench = bench(set)
    let place = "127.0.0.1:\(set.sentinels[0].port)"
    let queue = bench.other(try RedisAddress(url: "redis+sentinel://127.0.0.1:1,\(place)/mill"))
    try await queue.check()
    try await queue.open(.first)
    #expect(try await bench.queue.isOpen(in: .first), "It is the same server.")
    await queue.close()

    let unknown = bench.other(try RedisAddress(url: "redis+sentinel://\(place)/mall"))
    let error = await #expect(throws: DriverError.self) { try await unknown.check() }
    #expect(error?.code == "redis_sentinel_master" && error?.kind == .damaged)
    #expect(error?.detail == "\(place) does not know mall")
    await unknown.close()

    // One that is away may know it.
    let doubtful = bench.other(try RedisAddress(url: "redis+sentinel://\(place),127.0.0.1:1/mall"))
    let doubt = await #expect(throws: DriverError.self) { try await doubtful.check() }
    #expect(doubt?.code == "redis_sentinels" && doubt?.kind == .unavailable)
    #expect(doubt?.detail.contains("\(place) does not know mall; 127.0.0.1:1: ") == true)
    await doubtful.close()

    let mistaken = bench.other(try RedisAddress(url: "redis+sentinel://127.0.0.1:\(set.servers[0].port)/mill"))
    let mistake = await #expect(throws: DriverError.self) { try await mistaken.check() }
    #expect(mistake?.detail == "127.0.0.1:\(set.servers[0].port) is no Sentinel")
    await mistaken.close()
    await bench.queue.close()
  }

  @Test("A Sentinel that cannot be reached is waited for only so long, and a master that is none is not taken")
  func refusesOthers() async throws {
    let set = try await RedisSentinelSet.start()
    let bench = bench(set)
    // They are told that a replica is the master, before they know better.
    let replica = try await RedisServer.start(["--replicaof", "127.0.0.1", "\(set.servers[0].port)"])
    for sentinel in set.sentinels {
      try await sentinel.command("SENTINEL", "MONITOR", "other", "127.0.0.1", "\(replica.port)", "9")
    }
    let hosts = set.sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
    let queue = bench.other(try RedisAddress(url: "redis+sentinel://\(hosts)/other"))
    await bench.expectFailure("redis_replica", .unavailable) { try await queue.check() }
    await queue.close()
    await bench.queue.close()
  }

  @Test("Sentinels have a password of their own")
  func knowsPasswords() async throws {
    let set = try await RedisSentinelSet.start(
      ["--requirepass", "open-sesame", "--masterauth", "open-sesame"],
      sentinelSettings: ["requirepass sesame-two", "sentinel sentinel-pass sesame-two"],
      masterPassword: "open-sesame")
    let bench = bench(set)
    let hosts = set.sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
    let url = "redis+sentinel://:open-sesame@\(hosts)/mill/0"
    for (settings, code) in [
      ("", "redis_sentinel_access"), ("?sentinel_password=open-sesame", "redis_sentinel_access"),
    ] {
      let queue = bench.other(try RedisAddress(url: url + settings))
      await bench.expectFailure(code, .damaged) { try await queue.check() }
      await queue.close()
    }
    let queue = bench.other(try RedisAddress(url: url + "?sentinel_password=sesame-two"))
    try await queue.check()
    await queue.close()
    await bench.queue.close()
  }

  @Test("A master that is killed is left for the replica that takes over: commands, waits and the stream")
  func followsPromotion() async throws {
    let set = try await RedisSentinelSet.start()
    try await complete(set)
    let bench = bench(set)
    let settings = RedisSettings(try RedisAddress(url: set.url), prefix: bench.prefix)
    let queue = RedisQueue(settings, environment: .system)
    let stream = RedisEventStream(settings, environment: .system)
    try await queue.open(.first)
    #expect(try await queue.push(RedisBench.handoff([Self.entry("one")], at: Environment.system.time.now)) == [.pushed])
    #expect(try await stream.take(limit: 1).entries.isEmpty)
    set.servers[0].kill()
    let old = try await HighAvailability.patiently { () async throws(DriverError) in
      try await queue.isOpen(in: .first)
    }
    #expect(!old, "What was promoted is another incarnation, whatever it has.")
    await bench.expectFailure("redis_not_open", .unavailable) { _ = try await queue.lease(bench.request()) }
    try await queue.open(.first.raised)
    async let waiting = queue.lease(bench.request(wait: .seconds(60)))
    let handoff = RedisBench.handoff([Self.entry("two")], epoch: .first.raised, at: Environment.system.time.now)
    #expect(try await queue.push(handoff) == [.pushed])
    #expect(try await waiting.map(\.authority.job) == ["two"])

    let master = try #require(try await set.master())
    try await master.command("XADD", "millrace:events", "*", "event", "{}")
    let batch = try await HighAvailability.patiently { () async throws(DriverError) in
      try await stream.take(limit: 1)
    }
    #expect(batch.entries.count == 1)
    await stream.close()
    await queue.close()
    await bench.queue.close()
  }

  @Test("A master that has to step down is left at once, for the one that takes its place")
  func followsDemotion() async throws {
    let set = try await RedisSentinelSet.start()
    try await complete(set)
    let bench = bench(set)
    let queue = RedisQueue(
      RedisSettings(try RedisAddress(url: set.url), prefix: bench.prefix), environment: .system)
    try await queue.open(.first)
    while try await set.sentinels[0].command("SENTINEL", "FAILOVER", RedisSentinelSet.master) != "OK" {}
    while try await set.master(by: 0)?.port == set.servers[0].port {}
    while try await !set.servers[0].command("ROLE").hasPrefix("slave") {}
    _ = try await HighAvailability.patiently { () async throws(DriverError) in try await queue.open(.first.raised) }
    #expect(try await queue.isOpen(in: .first.raised))
    let master = try #require(try await set.master(by: 0))
    #expect(try await master.command("HGET", "{\(bench.prefix)}:open", "epoch") == "2")
    await queue.close()
    await bench.queue.close()
  }

  @Test("A connection that holds is given up where the Sentinels name another master")
  func looksForAnother() async throws {
    let set = try await RedisSentinelSet.start()
    let bench = bench(set)
    let time = ManualTime()
    let queue = bench.other(try RedisAddress(url: set.url), time: time)
    try await queue.open(.first)
    // As one who is cut off from the Sentinels, but not from its clients, looks to these.
    let other = try await RedisServer.start()
    for sentinel in set.sentinels {
      try await sentinel.command("SENTINEL", "REMOVE", RedisSentinelSet.master)
      try await sentinel.command("SENTINEL", "MONITOR", RedisSentinelSet.master, "127.0.0.1", "\(other.port)", "2")
    }
    #expect(try await queue.isOpen(in: .first), "It is not looked at every time.")
    time.advance(by: .seconds(5))
    #expect(try await !queue.isOpen(in: .first))
    try await queue.open(.first)
    #expect(try await other.command("HGET", "{\(bench.prefix)}:open", "epoch") == "1")
    await queue.close()
    await bench.queue.close()
  }

  @Test("A server that refuses writes as a replica is not spoken to any more")
  func leavesReplicas() async throws {
    try await RedisBench.alone { bench in
      try await bench.push("job")
      try await bench.server.command("REPLICAOF", "127.0.0.1", "1")
      await bench.expectFailure("redis_replica", .unavailable) { try await bench.push("other") }
      while try await bench.server.command("CLIENT", "LIST", "TYPE", "normal").contains("cmd=fcall") {}
    }
  }

  private static func entry(_ job: JobID) -> QueueEntry { QueueEntry(job: job, fence: .first, queue: .standard) }
}
