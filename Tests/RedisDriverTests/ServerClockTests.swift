import RedisDriver
import Synchronization
import TestRedis
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Delays and leases by the Redis server's clock", .timeLimit(.minutes(5)))
struct ServerClockTests {
  @Test("Hosts whose clocks stand still, and differ by ten minutes, see a delay pass: scenario 19")
  func passesByTheServer() async throws {
    try await RedisBench.shared { bench in
      let ahead = ManualTime(start: bench.time.now + .seconds(600))
      let other = bench.other(time: ahead)
      let entry = QueueEntry(job: "soon", fence: .first, queue: .standard, delay: .milliseconds(30))
      let late = QueueEntry(job: "late", fence: .first, queue: .standard, delay: .seconds(3600))
      #expect(try await other.push(RedisBench.handoff([entry, late], at: ahead.now)) == [.pushed, .pushed])
      var leased: [JobID] = []
      while leased.isEmpty { leased = try await bench.lease().map(\.authority.job) }
      #expect(leased == ["soon"])
      bench.time.advance(by: .seconds(7200))
      #expect(try await bench.lease().isEmpty)
      await other.close()
    }
  }

  @Test("A lease runs out by the server's clock, whatever the hosts' clocks say")
  func runsOutByTheServer() async throws {
    try await RedisBench.shared { bench in
      try await bench.push([
        QueueEntry(job: "short", fence: .first, queue: .standard, lease: .milliseconds(20)),
        QueueEntry(job: "usual", fence: .first, queue: .standard),
      ])
      let leases = try await bench.lease()
      #expect(leases.map(\.length) == [.milliseconds(20), RedisBench.length])
      var expired: [Authority] = []
      while expired.isEmpty { expired = try await bench.queue.expired(limit: 9) }
      #expect(expired == [leases[0].authority])
      bench.time.advance(by: .seconds(3600))
      #expect(try await bench.queue.expired(limit: 9) == [leases[0].authority])
    }
  }

  @Test("A push that arrives after its time is refused by the server's clock: scenario 4")
  func refusesLateArrivals() async throws {
    let server = try await RedisServer.shared()
    let time = ManualTime()
    // The server's time is asked first and the last moment told after it: an hour lies between them.
    let hours = Signal()
    let queue = RedisQueue(
      RedisSettings(RedisAddress(.socket(path: server.socket)), prefix: "late"),
      environment: .test(seed: 1, time: time),
      clock: .given {
        defer { hours.raise() }
        return hours.count % 2 == 0 ? 7_200_000 : 3_600_000
      })
    try await queue.open(.first)
    let entry = QueueEntry(job: "job", fence: .first, queue: .standard)
    #expect(try await queue.push(RedisBench.handoff([entry], at: time.now)) == [.refused])
    #expect(try await queue.depths().isEmpty)
    await queue.close()
  }

  @Test("A server's clock that goes back loses no job that was due, and hurries none that was not: scenario 19")
  func losesNothingWhenSteppedBack() async throws {
    let server = try await RedisServer.shared()
    let time = ManualTime()
    let now = Mutex<Int64>(7_200_000)
    let queue = RedisQueue(
      RedisSettings(RedisAddress(.socket(path: server.socket)), prefix: "back"),
      environment: .test(seed: 1, time: time), clock: .given { now.withLock { $0 } })
    try await queue.open(.first)
    let entries = ["due", "again"].map { QueueEntry(job: $0, fence: .first, queue: .standard) }
    _ = try await queue.push(RedisBench.handoff(entries, at: time.now))
    let retry = QueueEntry(job: "again", fence: Fence(rawValue: 2), queue: .standard, delay: .seconds(60))
    _ = try await queue.push(RedisBench.handoff([retry], at: time.now))
    now.withLock { $0 -= 600_000 }
    let request = LeaseRequest(queue: .standard, limit: 9, length: .seconds(15), host: "host", wait: .zero)
    #expect(try await queue.lease(request).map(\.authority.job) == ["due"])
    now.withLock { $0 += 660_000 }
    #expect(try await queue.lease(request).map(\.authority.job) == ["again"])
    await queue.close()
  }
}
