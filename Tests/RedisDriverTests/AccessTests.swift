import FoundationEssentials
import TestRedis
import Testing
import WorkerKit
import WorkerKitTesting

@testable import RedisDriver

@Suite("Who may use a Redis server", .timeLimit(.minutes(5)))
struct AccessTests {
  /// The line of docs/redis.md, with the prefix that it names.
  static let rights = """
    ~{millrace}:* ~{millrace:* &{millrace:* -@all +auth +select +ping +info +time +fcall +function|load +subscribe \
    +publish +sadd +srem +scard +smembers +hget +hmget +hset +hdel +hlen +hvals +zadd +zrem +zrange +zmscore \
    +zcard +zpopmin +zremrangebyscore +rpush +lpop +llen +unlink
    """

  /// What it has more for the event stream.
  static let streamRights = """
    ~millrace:events +xadd +xlen +xrange +xrevrange +xreadgroup +xautoclaim +xpending +xack +xdel +xgroup|create \
    +xgroup|delconsumer +xinfo|groups +xinfo|consumers
    """
  /// What it has more in a cluster.
  static let clusterRights = "+cluster|slots +asking"

  /// What a sender has.
  static let senderRights = "~millrace:events -@all +auth +select +xadd"

  private func address(_ server: RedisServer, _ credentials: String) throws(DriverError) -> RedisAddress {
    try RedisAddress(url: "redis://\(credentials)127.0.0.1:\(server.port)")
  }

  @Test("A wrong or a missing password is said to be one")
  func checksPasswords() async throws {
    let server = try await RedisServer.start(["--requirepass", "open-sesame"])
    let bench = RedisBench(server)
    for (credentials, code) in [
      ("", "redis_no_password"), (":open-sesame-wrong@", "redis_password"), ("app:sesame@", "redis_password"),
    ] {
      let queue = bench.other(try address(server, credentials))
      await bench.expectFailure(code, .damaged) { try await queue.check() }
      await queue.close()
    }
    let queue = bench.other(try address(server, ":open-sesame@"))
    try await queue.check()
    await queue.close()
    await bench.queue.close()
  }

  @Test("A password for a server that has none, and a database that there is not")
  func checksAddress() async throws {
    try await RedisBench.shared { bench in
      let password = bench.other(try address(bench.server, ":open-sesame@"))
      await bench.expectFailure("redis_password", .damaged) { try await password.check() }
      await password.close()
      let database = bench.other(try RedisAddress(url: bench.server.url + "/99"))
      await bench.expectFailure("redis_database", .damaged) { try await database.check() }
      await database.close()
      let second = bench.other(try RedisAddress(url: bench.server.url + "/2"))
      #expect(try await !second.isOpen(in: .first))
      await second.close()
    }
  }

  @Test("The rights that docs/redis.md names are enough for every verb")
  func worksWithLeastRights() async throws {
    let server = try await RedisServer.start()
    let words = Self.rights.split(separator: " ").map(String.init)
    try await server.setUser("app", ["on", ">open-sesame"] + words)
    let time = ManualTime()
    let queue = RedisQueue(
      RedisSettings(try address(server, "app:open-sesame@")), environment: .test(seed: 1, time: time))
    try await queue.open(.first)
    async let leases = queue.lease(
      LeaseRequest(queue: .standard, limit: 2, length: .seconds(60), host: "host", wait: .seconds(60)))
    try await time.waitForSleepers()
    let entries = ["one", "three", "two"].map { QueueEntry(job: $0, fence: .first, queue: .standard) }
    #expect(try await queue.push(RedisBench.handoff(entries, at: time.now)) == [.pushed, .pushed, .pushed])
    let held = try await leases
    #expect(try await queue.renew(held) == held.map { _ in .extended })
    #expect(try await queue.finish(held.map(\.authority)) == held.map { _ in .removed })
    #expect(try await queue.expired(limit: 9).isEmpty)
    #expect(try await queue.revoke([FencedJob(job: "two", fence: .first)]) == [.removed])
    #expect(try await queue.known([FencedJob(job: "two", fence: .first)]) == [.unknown])
    #expect(try await queue.depths().isEmpty)
    #expect(try await queue.isOpen(in: .first))
    try await worksUnderLimits(queue, at: time.now)
    try await queue.open(.first.raised)
    await queue.close()
  }

  private func worksUnderLimits(_ queue: RedisQueue, at now: Timestamp) async throws {
    let rule = LimitRule(rate: Rate(1000, per: .seconds(1)), concurrency: 1)
    try await queue.project(QueueControls(version: 1, limits: ["calls": rule], paused: [.queue("mail")]))
    let lane = Lane(tenant: "acme", pipeline: "p", stage: "s", flow: JobFlow(limits: [LimitKey("calls", "acme")]))
    let entries: [QueueEntry] = ["four", "five", "six"].map {
      QueueEntry(job: $0, fence: .first, queue: .standard, lane: lane)
    }
    _ = try await queue.push(RedisBench.handoff(entries, at: now))
    let request = LeaseRequest(queue: .standard, limit: 9, length: .seconds(60), host: "host", wait: .zero)
    let first = try await queue.lease(request)
    #expect(first.map(\.authority.job) == ["four"])
    #expect(try await queue.lease(request).isEmpty)
    _ = try await queue.finish(first.map(\.authority))
    try await queue.project(QueueControls(version: 2))
    #expect(try await queue.lease(request).map(\.authority.job) == ["five", "six"])
  }

  @Test("The rights that docs/intake.md names are enough for an event stream, and for who sends by it")
  func readsStreamWithLeastRights() async throws {
    let server = try await RedisServer.start()
    let words = (Self.rights + " " + Self.streamRights).split(separator: " ").map(String.init)
    try await server.setUser("app", ["on", ">open-sesame"] + words)
    try await server.setUser("sender", ["on", ">sesame-2"] + Self.senderRights.split(separator: " ").map(String.init))
    let settings = RedisSettings(try address(server, "app:open-sesame@"))
    func send(_ event: String) async throws {
      let added = try await server.command(
        "--user", "sender", "--pass", "sesame-2", "--no-auth-warning", "XADD", "millrace:events", "*", "event", event)
      #expect(added.contains("-"), "\(added)")
    }
    for event in ["1", "2", "3"] { try await send(event) }
    let bounds = RedisStreamBounds(claimAfter: .zero)
    let lost = RedisEventStream(settings, bounds: bounds, environment: .system)
    #expect(try await lost.take(limit: 9).entries.count == 3)
    let stream = RedisEventStream(settings, bounds: bounds, environment: .system)
    let batch = try await stream.take(limit: 9)
    #expect(try await stream.settle([batch.recorded[0]] + batch.refused()[1...]).buried == 2)
    #expect(try await stream.take(limit: 9).entries.isEmpty)
    let letters = RedisDeadLetters(settings, environment: .system)
    let ids = try await letters.page(limit: 9).letters.map(\.id)
    #expect(try await letters.letter(ids[0]) != nil)
    #expect(try await letters.replay([ids[0]]) == [.replayed])
    #expect(try await letters.discard([ids[1]]) == 1)
    await letters.close()
    await lost.close()
    await stream.close()
  }

  @Test("A right that is missing is said to be", arguments: ["-fcall", "-info", "-zadd", "resetkeys"])
  func namesMissingRights(_ change: String) async throws {
    let server = try await RedisServer.start()
    let words = Self.rights.split(separator: " ").map(String.init)
    try await server.setUser("app", ["on", ">open-sesame"] + words)
    let bench = RedisBench(server, prefix: "millrace")
    try await bench.queue.open(.first)
    try await server.setUser("app", [change])
    let queue = bench.other(try address(server, "app:open-sesame@"))
    await bench.expectFailure("redis_rights", .damaged) {
      try await bench.push([QueueEntry(job: "job", fence: .first, queue: .standard)], to: queue)
    }
    await queue.close()
    await bench.queue.close()
  }

  @Test("In a cluster they are enough together with two more")
  func worksInCluster() async throws {
    let cluster = try await RedisClusterSet.start()
    let words = (Self.rights + " " + Self.clusterRights).split(separator: " ").map(String.init)
    for server in cluster.servers { try await server.setUser("app", ["on", ">open-sesame"] + words) }
    let url = cluster.url.replacing("://", with: "://app:open-sesame@")
    let time = ManualTime()
    let queue = RedisQueue(RedisSettings(try RedisAddress(url: url)), environment: .test(seed: 1, time: time))
    try await queue.open(.first)
    async let leases = queue.lease(
      LeaseRequest(queue: .standard, limit: 2, length: .seconds(60), host: "host", wait: .seconds(60)))
    try await time.waitForSleepers()
    let entry = QueueEntry(job: "one", fence: .first, queue: .standard)
    #expect(try await queue.push(RedisBench.handoff([entry], at: time.now)) == [.pushed])
    #expect(try await queue.finish(leases.map(\.authority)) == [.removed])
    let place = try await cluster.place(of: "{millrace}:open")
    let (source, target) = (cluster.servers[place], cluster.servers[(place + 1) % 3])
    try await cluster.move(slotOf: "{millrace}:open", from: source, to: target) { haveArrived async throws in
      #expect(try await queue.isOpen(in: .first) != haveArrived, "Another server has it now.")
    }
    await queue.close()
  }

  @Test("No function calls a command that the rights leave out")
  func coversTheLibrary() {
    let granted = Set((Self.rights + " " + Self.streamRights).split(separator: " ").map { $0.prefix { $0 != "|" } })
    let called = RedisLibrary.code.matches(of: /(?:call|read|write)\('([A-Za-z]+)'/).map { $0.1.lowercased() }
    #expect(called.count > 50)
    for command in Set(called) { #expect(granted.contains("+" + command), "\(command)") }
  }

  @Test("The rights of the documentation are these")
  func agreesWithDocumentation() throws {
    let docs = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs")
    for (name, rights) in [
      ("redis.md", Self.rights + " " + Self.clusterRights), ("intake.md", Self.streamRights + " " + Self.senderRights),
    ] {
      let page = try String(contentsOfFile: docs.appending(path: name).path, encoding: .utf8)
      let words = Set(page.filter { !"\\'".contains($0) }.split(whereSeparator: \.isWhitespace))
      #expect(rights.split(separator: " ").allSatisfy { words.contains($0) }, "\(name)")
    }
  }
}

extension RedisServer {
  func setUser(_ name: String, _ rules: [String]) async throws {
    #expect(try await command(["ACL", "SETUSER", name] + rules) == "OK")
  }
}
