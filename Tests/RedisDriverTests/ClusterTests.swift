import RedisDriver
import TestRedis
import Testing
import WorkerKit
import WorkerKitTesting

/// A queue in a cluster that one test may change.
private struct ClusterBench {
  let cluster: RedisClusterSet
  let bench: RedisBench
  let queue: RedisQueue
  /// Names of queues, of which each master has one; the first is where the registry is.
  let queues: [QueueName]
  /// The masters that have them in the beginning.
  let masters: [RedisServer]

  static func with(
    _ cluster: RedisClusterSet, environment: Environment? = nil, _ body: (ClusterBench) async throws -> Void
  ) async throws {
    let bench = RedisBench(cluster.servers[0])
    let settings = RedisSettings(
      try RedisAddress(url: cluster.url), prefix: bench.prefix, connectTimeout: RedisBench.patience,
      commandTimeout: RedisBench.patience)
    let environment = environment ?? Environment(time: bench.time, random: SystemRandom())
    let queue = RedisQueue(settings, environment: environment)
    let first = try await cluster.place(of: "{\(bench.prefix)}:open")
    var queues: [QueueName] = []
    for place in 0..<3 {
      var number = 0
      while try await cluster.place(of: "{\(bench.prefix):q\(number)}") != (first + place) % 3 { number += 1 }
      queues.append(QueueName("q\(number)"))
    }
    try await queue.open(.first)
    let result: Result<Void, any Error>
    do {
      try await body(
        ClusterBench(
          cluster: cluster, bench: bench, queue: queue, queues: queues,
          masters: (0..<3).map { cluster.servers[(first + $0) % 3] }))
      result = .success(())
    } catch {
      result = .failure(error)
    }
    await queue.close()
    await bench.queue.close()
    try result.get()
  }

  func meta(of queue: QueueName) -> String { "{\(bench.prefix):\(queue.rawValue)}:meta" }

  @discardableResult
  func push(_ job: JobID, to name: QueueName, fence: Int64 = 1, epoch: Epoch = .first) async throws -> [PushAnswer] {
    let entry = QueueEntry(job: job, fence: Fence(rawValue: fence), queue: name)
    return try await queue.push(RedisBench.handoff([entry], epoch: epoch, at: bench.time.now))
  }

  func lease(_ limit: Int = 9, of name: QueueName) async throws -> [Lease] {
    try await queue.lease(bench.request(limit, of: name))
  }

  /// How often a server has carried a command out, or given an error.
  func count(_ statistic: String, on server: RedisServer) async throws -> Int {
    let lines = try await server.command("INFO", "everything").split(whereSeparator: \.isNewline)
    guard let line = lines.first(where: { $0.hasPrefix(statistic + ":") }) else { return 0 }
    let number = line.split(separator: "=").dropFirst().first?.prefix { $0.isNumber }
    return number.flatMap { Int($0) } ?? 0
  }
}

@Suite("A queue in a Redis Cluster", .timeLimit(.minutes(5)), .serialized)
struct ClusterTests {
  @Test("Every verb reaches the masters of all its queues")
  func spansMasters() async throws {
    try await ClusterBench.with(.shared()) { world in
      let (queue, bench) = (world.queue, world.bench)
      let entries = world.queues.flatMap { name in
        (0..<3).map { QueueEntry(job: JobID("\(name)-\($0)"), fence: .first, queue: name) }
      }
      #expect(try await bench.push(entries, to: queue).allSatisfy { $0 == .pushed })
      #expect(try await bench.push(entries, to: queue).allSatisfy { $0 == .known })
      #expect(try await queue.isOpen(in: .first))
      #expect(try await Set(queue.depths().map(\.queue)) == Set(world.queues))
      var leases: [Lease] = []
      for name in world.queues { leases += try await world.lease(2, of: name) }
      #expect(leases.count == 6)
      #expect(try await queue.renew(leases) == leases.map { _ in .extended })
      let known = try await queue.known(entries.map { FencedJob(job: $0.job, fence: .first) })
      #expect(known.count { $0 == .waiting } == 3)
      #expect(try await queue.finish(leases.map(\.authority)).allSatisfy { $0 == .removed })
      let claims = entries.map { FencedJob(job: $0.job, fence: .first) }
      #expect(try await queue.revoke(claims).allSatisfy { $0 == .removed })
      #expect(try await queue.expired(limit: 9).isEmpty)
      #expect(try await queue.depths().isEmpty)
      for name in world.queues {
        async let leases = queue.lease(bench.request(of: name, wait: .seconds(600)))
        try await bench.time.waitForSleepers()
        try await world.push("woken", to: name)
        #expect(try await leases.map(\.authority.job) == ["woken"])
      }
      #expect(bench.time.monotonic == .zero)
    }
  }

  @Test("Any node does to learn of the others; what is no cluster, or one where none was named, is said to be so")
  func learnsFromAnyNode() async throws {
    let cluster = try await RedisClusterSet.shared()
    let bench = RedisBench(try await RedisServer.shared())
    let replica = "127.0.0.1:\(cluster.servers[4].port)"
    let queue = bench.other(try RedisAddress(url: "redis+cluster://127.0.0.1:1,\(replica)"))
    try await queue.open(.first)
    #expect(try await queue.isOpen(in: .first))
    await queue.close()
    let single = bench.other(try RedisAddress(url: "redis+cluster://127.0.0.1:\(bench.server.port)"))
    await bench.expectFailure("redis_no_cluster", .damaged) { try await single.check() }
    await single.close()
    let gone = bench.other(try RedisAddress(url: "redis+cluster://127.0.0.1:1,127.0.0.1:2"))
    await bench.expectFailure("redis_unreachable", .unavailable) { try await gone.check() }
    await gone.close()
    let other = cluster.servers[(try await cluster.place(of: "{\(bench.prefix)}:open") + 1) % 3]
    let node = bench.other(try RedisAddress(url: other.url))
    await bench.expectFailure("redis_cluster", .damaged) { try await node.check() }
    await node.close()
    await bench.queue.close()
  }

  @Test("What one master has lost is noticed, and is not opened again in the epoch that it was lost in")
  func noticesLoss() async throws {
    try await ClusterBench.with(.start()) { world in
      let lost = world.queues[1]
      for name in world.queues { try await world.push("job", to: name) }
      #expect(try await world.queue.isOpen(in: .first))
      try await world.masters[1].command("FLUSHALL")
      #expect(try await !world.queue.isOpen(in: .first))
      await world.bench.expectFailure("redis_not_open", .unavailable) { _ = try await world.lease(of: lost) }
      #expect(try await world.push("other", to: lost) == [.refused])
      try await world.queue.open(.first)
      #expect(try await !world.queue.isOpen(in: .first), "Whoever opens the same epoch does not hide it.")
      #expect(try await world.lease(of: world.queues[2]).count == 1, "The others go on.")
      try await world.queue.open(.first.raised)
      #expect(try await world.queue.isOpen(in: .first.raised))
      #expect(try await world.queue.depths().isEmpty)
      #expect(try await world.push("other", to: lost, epoch: .first.raised) == [.pushed])
    }
  }

  @Test("A queue whose name was lost together with another master is opened by the next push")
  func opensForgottenQueues() async throws {
    try await ClusterBench.with(.shared()) { world in
      let (name, next) = (world.queues[1], Epoch.first.raised)
      try await world.push("old", to: name)
      // As where a replica takes over that had not heard of it.
      let registry = world.masters[0]
      try await registry.command("SREM", "{\(world.bench.prefix)}:queues", name.rawValue)
      try await registry.command("HDEL", "{\(world.bench.prefix)}:open", "opened:\(name.rawValue)")
      try await world.queue.open(next)
      #expect(try await world.push("new", to: name, epoch: next) == [.pushed])
      #expect(try await world.lease(of: name).map(\.authority.job) == ["new"])
      #expect(try await world.push("late", to: name) == [.refused])
      #expect(try await world.queue.isOpen(in: next))
      #expect(try await world.queue.known([FencedJob(job: "new", fence: .first)]) != [.unknown])
    }
  }

  @Test("A slot that moves while it is used: ASK and MOVED are followed, and the queue begins a new epoch")
  func followsSlots() async throws {
    try await ClusterBench.with(.start()) { world in
      let (name, bench) = (world.queues[1], world.bench)
      let (source, target) = (world.masters[1], world.masters[2])
      for job in ["one", "two", "three"] as [JobID] { try await world.push(job, to: name, fence: 2) }
      let held = try await world.lease(1, of: name)
      #expect(held.count == 1)
      try await world.cluster.move(slotOf: world.meta(of: name), from: source, to: target) { haveArrived async throws in
        if haveArrived {
          await bench.expectFailure("redis_not_open", .unavailable) { _ = try await world.lease(of: name) }
          #expect(try await world.count("cmdstat_asking", on: target) > 0)
          #expect(try await world.count("errorstat_ASK", on: source) > 0)
        } else {
          // What a function looks for and is not there may have left already: it cannot know, and gives up.
          await bench.expectFailure("redis_not_open", .unavailable) { _ = try await world.lease(1, of: name) }
        }
      }
      #expect(try await world.count("errorstat_MOVED", on: source) == 0)
      #expect(try await !world.queue.isOpen(in: .first), "Another server has it now.")
      try await world.queue.open(.first.raised)
      #expect(try await world.queue.isOpen(in: .first.raised))
      #expect(try await world.push("one", to: name, fence: 2, epoch: .first.raised) == [.pushed])
      #expect(try await world.count("errorstat_MOVED", on: source) > 0)
      let moved = try await world.count("errorstat_MOVED", on: source)
      #expect(try await world.lease(of: name).map(\.authority.job) == ["one"])
      #expect(try await world.count("errorstat_MOVED", on: source) == moved, "Once is enough.")
    }
  }

  @Test("While some keys of a queue are on their way it is waited for, up to the deadline")
  func waitsForKeys() async throws {
    try await ClusterBench.with(.start()) { world in
      let (name, bench) = (world.queues[1], world.bench)
      let (source, target) = (world.masters[1], world.masters[2])
      try await world.push("job", to: name)
      let slot = "\(try await world.cluster.slot(of: world.meta(of: name)))"
      try await source.command("CLUSTER", "SETSLOT", slot, "MIGRATING", world.cluster.id(of: target))
      async let leases = world.lease(of: name)
      try await bench.time.waitForSleepers()
      #expect(try await world.count("errorstat_TRYAGAIN", on: source) > 0)
      try await source.command("CLUSTER", "SETSLOT", slot, "STABLE")
      bench.time.advance(by: .seconds(2))
      #expect(try await leases.map(\.authority.job) == ["job"])

      try await source.command("CLUSTER", "SETSLOT", slot, "MIGRATING", world.cluster.id(of: target))
      let (queue, request) = (world.queue, bench.request(of: name))
      async let code = Self.failure { () async throws(DriverError) in _ = try await queue.lease(request) }
      var turns = 0
      while bench.time.monotonic < RedisBench.patience + .seconds(2) {
        try await bench.time.waitForSleepers()
        bench.time.advance(by: .seconds(2))
        turns += 1
      }
      #expect(await code == "redis_failover")
      #expect(turns > 20)
    }
  }

  private static func failure(_ body: @Sendable () async throws(DriverError) -> Void) async -> String {
    do throws(DriverError) { try await body() } catch { return error.code }
    return ""
  }

  @Test("A master that is killed is left for its replica, which is another incarnation of its queues alone")
  func followsPromotion() async throws {
    try await ClusterBench.with(.start(), environment: .system) { world in
      func push(_ job: JobID, to name: QueueName, _ epoch: Epoch = .first) async throws -> [PushAnswer] {
        let entry = QueueEntry(job: job, fence: .first, queue: name)
        let handoff = RedisBench.handoff([entry], epoch: epoch, at: Environment.system.time.now)
        return try await HighAvailability.patiently { () async throws(DriverError) in
          try await world.queue.push(handoff)
        }
      }
      for name in world.queues { _ = try await push("job", to: name) }
      let lost = world.queues[1]
      world.masters[1].kill()
      let isOpen = try await HighAvailability.patiently { () async throws(DriverError) in
        try await world.queue.isOpen(in: .first)
      }
      #expect(!isOpen)
      #expect(try await world.lease(of: world.queues[2]).count == 1)
      await world.bench.expectFailure("redis_not_open", .unavailable) { _ = try await world.lease(of: lost) }
      try await world.queue.open(.first.raised)
      #expect(try await world.queue.isOpen(in: .first.raised))
      #expect(try await push("new", to: lost, .first.raised) == [.pushed])
      #expect(try await world.lease(of: lost).map(\.authority.job) == ["new"])
      // The registry's master, too.
      world.masters[0].kill()
      let second = try await HighAvailability.patiently { () async throws(DriverError) in
        try await world.queue.isOpen(in: .first.raised)
      }
      #expect(!second)
      try await world.queue.open(.first.raised.raised)
      #expect(try await world.queue.isOpen(in: .first.raised.raised))
    }
  }

  @Test("A master that stands still is left for its replica when a command has waited long enough")
  func leavesFrozenMasters() async throws {
    try await ClusterBench.with(.start()) { world in
      let name = world.queues[1]
      try await world.push("job", to: name)
      world.masters[1].freeze()
      let settings = RedisSettings(
        try RedisAddress(url: world.cluster.url), prefix: world.bench.prefix, commandTimeout: .seconds(1))
      let queue = RedisQueue(settings, environment: .system)
      let isOpen = try await HighAvailability.patiently { () async throws(DriverError) in
        try await queue.isOpen(in: .first)
      }
      #expect(!isOpen)
      try await queue.open(.first.raised)
      #expect(try await queue.isOpen(in: .first.raised))
      await queue.close()
      world.masters[1].kill()
    }
  }

  @Test("A stream follows its slot, too")
  func movesStream() async throws {
    try await ClusterBench.with(.start(), environment: .system) { world in
      let settings = RedisSettings(try RedisAddress(url: world.cluster.url))
      let stream = RedisEventStream(settings, environment: .system)
      let letters = RedisDeadLetters(settings, environment: .system)
      let place = try await world.cluster.place(of: "millrace:events")
      let (source, target) = (world.cluster.servers[place], world.cluster.servers[(place + 1) % 3])
      for _ in 0..<3 { try await source.command("XADD", "millrace:events", "*", "event", "{}") }
      let first = try await stream.take(limit: 1).entries
      #expect(first.count == 1)
      // With a dead letter both keys are there.
      _ = try await stream.settle(first.map { .refused(id: $0.id, StreamRefusal("bad", "It is bad.")) })
      try await world.cluster.move(slotOf: "millrace:events", from: source, to: target) { haveArrived async throws in
        #expect(try await stream.take(limit: 1).entries.count == 1)
        #expect(try await (world.count("cmdstat_asking", on: target) > 0) == haveArrived)
      }
      #expect(try await letters.page(limit: 9).letters.count == 1)
      try await target.command("XADD", "millrace:events", "*", "event", "{}")
      #expect(try await stream.take(limit: 1).entries.count == 1)
      await letters.close()
      await stream.close()
    }
  }
}
