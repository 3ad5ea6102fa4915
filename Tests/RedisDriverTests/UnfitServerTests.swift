import RedisDriver
import TestRedis
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Redis servers that cannot hold a queue, or no more of it", .timeLimit(.minutes(5)))
struct UnfitServerTests {
  @Test("At maxmemory only pushes are refused: scenario 15")
  func worksAtTheLimit() async throws {
    try await RedisBench.alone { bench in
      let (server, queue) = (bench.server, bench.queue)
      for number in 0..<6 { try await bench.push(JobID("job-\(number)")) }
      let held = try await bench.lease(2)
      #expect(try await server.command("CONFIG", "SET", "maxmemory", "1") == "OK")
      await bench.expectFailure("redis_full", .full) { try await bench.push("one-more") }
      let others = try await bench.lease(3)
      #expect(others.count == 3)
      #expect(try await queue.renew(held) == [.extended, .extended])
      #expect(try await queue.finish((held + others).map(\.authority)).allSatisfy { $0 == .removed })
      #expect(try await queue.expired(limit: 9).isEmpty)
      #expect(try await queue.known([FencedJob(job: "job-5", fence: .first)]) == [.waiting])
      #expect(try await queue.revoke([FencedJob(job: "job-5", fence: .first)]) == [.removed])
      #expect(try await queue.depths().isEmpty)
      #expect(try await queue.lease(bench.request(of: "new")).isEmpty)
      try await queue.open(.first.raised)
      #expect(try await server.command("CONFIG", "SET", "maxmemory", "0") == "OK")
      #expect(try await bench.push("one-more", epoch: .first.raised) == [.pushed])
    }
  }

  @Test("A server that may evict entries is refused")
  func refusesEviction() async throws {
    let server = try await RedisServer.start(["--maxmemory-policy", "allkeys-lru"])
    let bench = RedisBench(server)
    await bench.expectFailure("redis_eviction", .damaged) { try await bench.queue.check() }
    try await server.command("CONFIG", "SET", "maxmemory-policy", "noeviction")
    bench.time.advance(by: .seconds(2))
    try await bench.queue.check()
    await bench.queue.close()
  }

  @Test("A replica is refused until it is the master")
  func refusesReplicas() async throws {
    try await RedisBench.shared { bench in
      let replica = try await RedisServer.start(["--replicaof", "127.0.0.1", "\(bench.server.port)"])
      let other = RedisBench(replica, prefix: bench.prefix)
      await bench.expectFailure("redis_replica", .unavailable) { try await other.queue.check() }
      try await replica.command("REPLICAOF", "NO", "ONE")
      other.time.advance(by: .seconds(2))
      try await other.queue.check()
      await other.queue.close()
    }
  }

  @Test("A server that becomes a replica under a connection refuses to write")
  func noticesDemotion() async throws {
    try await RedisBench.alone { bench in
      try await bench.push("job")
      let held = try await bench.leaseOne()
      try await bench.server.command("REPLICAOF", "127.0.0.1", "1")
      await bench.expectFailure("redis_replica", .unavailable) { try await bench.push("other") }
      await bench.expectFailure("redis_replica", .unavailable) { _ = try await bench.queue.renew([held]) }
    }
  }
}
