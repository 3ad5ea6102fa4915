import RedisDriver
import TestRedis
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Hosts that wait for a queue in Redis", .timeLimit(.minutes(5)))
struct WakingTests {
  @Test("A push by another process wakes at once, without the clock")
  func wakesAtOnce() async throws {
    try await RedisBench.shared { bench in
      let other = bench.other()
      for number in 0..<20 {
        let job = JobID("job-\(number)")
        async let leases = bench.queue.lease(bench.request(wait: .seconds(600)))
        try await bench.time.waitForSleepers()
        try await bench.push([QueueEntry(job: job, fence: .first, queue: .standard)], to: other)
        #expect(try await leases.map(\.authority.job) == [job])
      }
      #expect(bench.time.monotonic == .zero)
      await other.close()
    }
  }

  @Test("Two who wait for two queues each get their own")
  func keepsQueuesApart() async throws {
    try await RedisBench.shared { bench in
      async let media = bench.queue.lease(bench.request(of: "media", wait: .seconds(600)))
      async let mail = bench.queue.lease(bench.request(of: "mail", wait: .seconds(600)))
      try await bench.time.waitForSleepers(2)
      try await bench.push(
        ["media", "mail"].map { QueueEntry(job: JobID("of \($0)"), fence: .first, queue: QueueName($0)) })
      #expect(try await media.map(\.authority.job) == ["of media"])
      #expect(try await mail.map(\.authority.job) == ["of mail"])
      #expect(bench.time.monotonic == .zero)
    }
  }

  @Test("Whoever listens is heard of again after its connection was cut")
  func listensAgain() async throws {
    try await RedisBench.alone { bench in
      async let leases = bench.queue.lease(bench.request(wait: .seconds(600)))
      try await bench.time.waitForSleepers()
      while try await bench.server.command("PUBSUB", "CHANNELS").isEmpty {}
      try await bench.server.command("CLIENT", "KILL", "TYPE", "pubsub")
      try await bench.push("job")
      #expect(try await leases.map(\.authority.job) == ["job"])
      #expect(bench.time.monotonic == .zero)
    }
  }

  @Test("A push that nobody waits for is not announced")
  func announcesNothingInVain() async throws {
    try await RedisBench.alone { bench in
      for number in 0..<5 { try await bench.push(JobID("job-\(number)")) }
      #expect(try await bench.lease().count == 5)
      let statistics = try await bench.server.command("INFO", "commandstats")
      #expect(!statistics.contains("cmdstat_publish"))
    }
  }

  @Test("Who waits for nothing asks once a second")
  func idlesQuietly() async throws {
    try await RedisBench.alone { bench in
      async let leases = bench.queue.lease(bench.request(wait: .seconds(10)))
      try await bench.time.waitForSleepers()
      // Listening has begun, and with it one more look.
      while try await bench.server.command("PUBSUB", "CHANNELS").isEmpty {}
      for _ in 0..<10 {
        try await bench.time.waitForSleepers()
        bench.time.advance(by: .seconds(1))
      }
      #expect(try await leases.isEmpty)
      let statistics = try await bench.server.command("INFO", "commandstats")
      let line = try #require(statistics.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cmdstat_fcall:") })
      let calls = try #require(Int(line.split(separator: "calls=")[1].prefix { $0.isNumber }))
      #expect(calls <= 20)
    }
  }

  @Test("A wait ends empty when its task is cancelled")
  func endsEmpty() async throws {
    try await RedisBench.shared { bench in
      let (queue, request) = (bench.queue, bench.request(wait: .seconds(600)))
      try await withThrowingTaskGroup(of: [Lease].self) { group in
        group.addTask { try await queue.lease(request) }
        try await bench.time.waitForSleepers()
        group.cancelAll()
        #expect(try await group.next() == [])
      }
      try await bench.push("job")
      #expect(try await bench.lease().count == 1)
    }
  }
}
