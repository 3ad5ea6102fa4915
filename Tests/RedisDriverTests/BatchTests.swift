import RedisDriver
import TestRedis
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Batches of a queue in Redis", .timeLimit(.minutes(5)))
struct BatchTests {
  private let queues: [QueueName] = ["media", "mail", "default"]

  @Test("A batch of several queues is answered in its own order")
  func keepsOrder() async throws {
    try await RedisBench.shared { bench in
      let entries = (0..<30).map { QueueEntry(job: JobID("job-\($0 + 10)"), fence: .first, queue: queues[$0 % 3]) }
      #expect(try await bench.push(Array(entries[..<9])).allSatisfy { $0 == .pushed })
      let answers = try await bench.push(entries)
      #expect(answers == (0..<30).map { $0 < 9 ? .known : .pushed })
      var leases: [JobID: Lease] = [:]
      for queue in queues {
        for lease in try await bench.lease(3, of: queue) { leases[lease.authority.job] = lease }
      }
      let known = try await bench.queue.known(entries.map { FencedJob(job: $0.job, fence: .first) })
      for (entry, answer) in zip(entries, known) {
        #expect(answer == leases[entry.job].map { .leased($0.authority.holder) } ?? .waiting)
      }
      let all = Array(leases.values)
      #expect(try await bench.queue.renew(all) == all.map { _ in .extended })
      let other = Authority(job: all[0].authority.job, epoch: .first, fence: .first, holder: "somebody")
      #expect(try await bench.queue.finish([other] + all.map(\.authority)) == [.held] + all.map { _ in .removed })
      #expect(try await bench.queue.depths().map(\.waiting) == [7, 7, 7])
      #expect(try await bench.queue.depths().map(\.queue) == ["default", "mail", "media"])
    }
  }

  @Test("A batch may be larger than what one command of a script takes")
  func takesLargeBatches() async throws {
    try await RedisBench.shared { bench in
      let entries = (0..<9000).map {
        QueueEntry(job: JobID("job-\($0)"), fence: Fence(rawValue: Int64($0 % 3 + 1)), queue: .standard)
      }
      #expect(try await bench.push(entries).allSatisfy { $0 == .pushed })
      #expect(try await bench.push(entries).allSatisfy { $0 == .known })
      let leases = try await bench.lease(10_000)
      #expect(Set(leases.map(\.authority.claim)) == Set(entries.map { FencedJob(job: $0.job, fence: $0.fence) }))
      #expect(Set(leases.map(\.authority.holder)).count == 9000)
      #expect(try await bench.queue.finish(leases.map(\.authority)).allSatisfy { $0 == .removed })
      #expect(try await bench.queue.depths().isEmpty)
    }
  }

  @Test("Every due job of a higher priority goes before any of a lower, and each class in the order of its coming")
  func ordersByPriority() async throws {
    try await RedisBench.shared { bench in
      let entries: [(JobID, Priority, Duration)] = [
        ("low", .low, .zero), ("b-normal", .normal, .zero), ("high", .high, .zero), ("a-normal", .normal, .zero),
        ("high-later", .high, .seconds(3600)), ("never", .high, .seconds(1 << 50)),
      ]
      try await bench.push(
        entries.map { QueueEntry(job: $0, fence: .first, queue: .standard, delay: $2, priority: $1) })
      #expect(try await bench.lease().map(\.authority.job) == ["high", "b-normal", "a-normal", "low"])
    }
  }

  @Test("A newer fence takes the place of an older one, waiting or leased; an older one changes nothing")
  func replacesOlderFences() async throws {
    try await RedisBench.shared { bench in
      try await bench.push("job", fence: Fence(rawValue: 3))
      #expect(try await bench.push("job", fence: Fence(rawValue: 2)) == [.known])
      #expect(try await bench.push("job", fence: Fence(rawValue: 4)) == [.pushed])
      let old = try await bench.leaseOne()
      #expect(old.authority.fence.rawValue == 4)
      let twice = [Fence(rawValue: 5), Fence(rawValue: 6)].map { QueueEntry(job: "job", fence: $0, queue: .standard) }
      #expect(try await bench.push(twice) == [.pushed, .pushed])
      #expect(try await bench.queue.renew([old]) == [.lost])
      #expect(try await bench.lease().map(\.authority.fence.rawValue) == [6])
      #expect(try await bench.lease().isEmpty)
    }
  }

  @Test("A revoked lease is lost at its next renewal, and is gone then")
  func losesWhatWasRevoked() async throws {
    try await RedisBench.shared { bench in
      try await bench.push("job")
      let lease = try await bench.leaseOne()
      let claim = lease.authority.claim
      #expect(try await bench.queue.revoke([claim]) == [.held(lease.authority.holder)])
      #expect(try await bench.queue.renew([lease]) == [.lost])
      #expect(try await bench.queue.known([claim]) == [.unknown])
    }
  }
}
