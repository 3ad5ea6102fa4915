import Testing
import WorkerKit
import WorkerKitTesting

@Suite("What only the in-memory queue promises", .timeLimit(.minutes(5)))
struct InMemoryQueueTests {
  private let time = ManualTime()
  private let queue: InMemoryQueue
  private let request = LeaseRequest(
    queue: .standard, limit: 1, length: .seconds(15), host: "host", wait: .seconds(60))

  init() { queue = InMemoryQueue(environment: .test(seed: 1, time: time)) }

  private func push(_ job: JobID, delay: Duration = .zero) async throws {
    let entry = QueueEntry(job: job, fence: .first, queue: .standard, delay: delay)
    let notAfter = time.now + .seconds(30)
    let answers = try await queue.push(Handoff(id: 1, epoch: .first, notAfter: notAfter, entries: [entry]))
    #expect(answers == [.pushed])
  }

  @Test("A step of the wall clock ends no lease and no delay: scenario 19")
  func ignoresWallClock() async throws {
    try await push("now")
    try await push("later", delay: .seconds(60))
    #expect(try await queue.lease(request).map(\.authority.job) == ["now"])
    time.step(by: .seconds(3600))
    #expect(try await queue.expired(limit: 9).isEmpty)
    time.step(by: .seconds(-7200))
    time.advance(by: .seconds(15))
    #expect(try await queue.expired(limit: 9).map(\.claim) == [FencedJob(job: "now", fence: .first)])
    time.advance(by: .seconds(45))
    #expect(try await queue.lease(request).map(\.authority.job) == ["later"])
  }

  @Test("A lease that waits is woken by a push, without the clock")
  func wakesAtOnce() async throws {
    async let leases = queue.lease(request)
    try await time.waitForSleepers()
    try await push("now")
    #expect(try await leases.map(\.authority.job) == ["now"])
    #expect(time.monotonic == .zero)
  }

  @Test("A lease that waits comes back empty when its task is cancelled")
  func comesBackWhenCancelled() async throws {
    try await withThrowingTaskGroup(of: [Lease].self) { group in
      group.addTask { try await queue.lease(request) }
      try await time.waitForSleepers()
      group.cancelAll()
      #expect(try await group.next() == [])
    }
    try await push("now")
    #expect(try await queue.lease(request).count == 1)
  }

  @Test("An older epoch cannot be opened")
  func refusesOlderEpoch() async throws {
    try await queue.open(.first.raised)
    await #expect(throws: DriverError.self) { try await queue.open(.first) }
  }
}
