import RedisDriver
import TestRedis
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Lanes of a queue in Redis", .timeLimit(.minutes(5)))
struct LaneTests {
  private static func lane(_ number: Int, rate: Bool = false) -> Lane {
    let limits = [LimitKey("slots", "key-\(number)")] + (rate ? [LimitKey("rate", "key-\(number)")] : [])
    return Lane(
      tenant: TenantID("tenant-\(number % 10)"), pipeline: "p", stage: "s", flow: JobFlow(limits: limits))
  }

  private static func entries(_ count: Int, rate: Bool = false, as name: String = "job") -> [QueueEntry] {
    (0..<count).map {
      QueueEntry(job: JobID("\(name)-\($0)"), fence: .first, queue: .standard, lane: lane($0 / 2, rate: rate))
    }
  }

  private static let controls = QueueControls(
    version: 1, limits: ["slots": LimitRule(concurrency: 1), "rate": LimitRule(rate: Rate(1000, per: .seconds(1)))])

  @Test("A limited key that is idle takes no memory: 1,000 of them leave nothing behind")
  func forgetsIdleKeys() async throws {
    let server = try await RedisServer.start()
    try await RedisBench.with(server) { bench in
      try await bench.queue.project(Self.controls)
      try await bench.push(QueueEntry(job: "warm", fence: .first, queue: .standard).job)
      _ = try await bench.queue.finish(try await bench.lease().map(\.authority))
      let before = try await names(server)
      try await bench.push(Self.entries(2000, rate: true))
      #expect(try await names(server).count > 1000)
      var done = 0
      while done < 2000 {
        let leases = try await bench.lease(500)
        _ = try await bench.queue.finish(leases.map(\.authority))
        done += leases.count
      }
      // Buckets are full again after a millisecond of the server's, and forgotten by the next who asks.
      var after = before
      repeat {
        _ = try await bench.lease()
        after = try await names(server)
      } while after.contains { $0.hasSuffix(":full") }
      #expect(after == before)
    }
  }

  @Test("A new epoch takes everything of the old one away")
  func wipesLanes() async throws {
    let server = try await RedisServer.start()
    try await RedisBench.with(server) { bench in
      try await bench.queue.project(Self.controls)
      try await bench.push(Self.entries(200, rate: true))
      let leases = try await bench.lease(150)
      #expect(leases.count == 100)
      try await bench.push([
        QueueEntry(
          job: "later", fence: .first, queue: .standard, delay: .seconds(3600), lane: Self.lane(1))
      ])
      try await bench.queue.open(.first.raised)
      let left = try await names(server).filter { $0.contains(":default}") }
      #expect(left.map { String($0.split(separator: ":").last ?? "") } == ["meta"])
    }
  }

  @Test("A queue that is used for the first time knows what was paused and limited before")
  func tellsNewQueues() async throws {
    try await RedisBench.shared { bench in
      try await bench.queue.project(
        QueueControls(version: 3, limits: ["slots": LimitRule(concurrency: 1)], paused: [.queue("mail")]))
      try await bench.push([
        QueueEntry(job: "mail", fence: .first, queue: "mail"),
        QueueEntry(job: "one", fence: .first, queue: "media", lane: Self.lane(1)),
        QueueEntry(job: "two", fence: .first, queue: "media", lane: Self.lane(1)),
      ])
      #expect(try await bench.lease(of: "mail").isEmpty)
      #expect(try await bench.lease(of: "media").map(\.authority.job) == ["one"])
      try await bench.queue.project(QueueControls(version: 4))
      #expect(try await bench.lease(of: "mail").map(\.authority.job) == ["mail"])
      #expect(try await bench.lease(of: "media").map(\.authority.job) == ["two"])
    }
  }

  @Test("Another process's host hears of a slot that is freed, and of what is resumed")
  func wakesOthers() async throws {
    try await RedisBench.shared { bench in
      let host = bench.other(time: bench.time)
      try await bench.queue.project(Self.controls)
      try await bench.push(Self.entries(2))
      let first = try await bench.lease()
      #expect(first.count == 1)
      async let second = host.lease(bench.request(wait: .seconds(600)))
      try await bench.time.waitForSleepers()
      _ = try await bench.queue.finish(first.map(\.authority))
      #expect(try await second.count == 1)
      await host.close()
    }
  }

  private func names(_ server: RedisServer) async throws -> [String] {
    try await server.command("KEYS", "*").split(separator: "\n").map(String.init).sorted()
  }
}
