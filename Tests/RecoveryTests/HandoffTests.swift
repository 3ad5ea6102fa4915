import TestRedis
import Testing
import WorkerKit

@Suite("What was committed and does not reach the queue", .timeLimit(.minutes(5)), .serialized)
struct HandoffTests {
  @Test("A server that is full takes in nothing, and gives out and ends what it has: scenario 15")
  func waitsInTheStore() async throws {
    try await RecoveryWorld.with { world, redis in
      try await world.feed(60)
      let held = try await world.node.leaseOne()
      try await redis.command("CONFIG", "SET", "maxmemory", "1")
      #expect(try await world.node.queue.renew([held]) == [.extended])
      #expect(try await world.node.queue.finish([held.authority]) == [.removed])
      // Its handoff, as all that come now, waits.
      let result = try await world.node.store.reissue([held.authority.claim], because: .lost)
      await #expect(throws: DriverError.self) { try await world.node.queue.push(try #require(result.handoff)) }
      try await world.feed(50)
      try await world.until("the queue has run dry") {
        try await world.node.queue.depths().allSatisfy { $0.waiting + $0.leased == 0 }
      }
      let waiting = try await world.node.store.jobs(JobFilter(states: [.queued], limit: 1000))
      #expect(!waiting.isEmpty, "What was not taken in waits in the store.")
      try await redis.command("CONFIG", "SET", "maxmemory", "0")
    }
  }

  @Test("A push that comes after others have done the work starts nothing: scenario 4")
  func refusesLatePush() async throws {
    try await RecoveryWorld.with { world, _ in
      try await world.feed(20)
      let lease = try await world.node.leaseOne()
      let result = try await world.node.store.reissue([lease.authority.claim], because: .lost)
      // Whoever was to push this sleeps until another has pushed, run and ended the job.
      let handoff = try #require(result.handoff)
      try await world.untilAllEnded()
      #expect(try await world.node.queue.push(handoff).allSatisfy { $0 == .refused })
      // A host settles first, and tells the queue after it.
      try await world.until("the queue is empty") { try await world.node.queue.depths().isEmpty }
    }
  }
}
