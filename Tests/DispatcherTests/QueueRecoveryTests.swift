import Dispatcher
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Queue recovery", .timeLimit(.minutes(5)))
struct QueueRecoveryTests {
  @Test func aQueueOfAnotherEpochIsEmptiedAndFilled() async throws {
    let bench = try DecoupledBench()
    let recovery = QueueRecovery(store: bench.store, queue: bench.queue)
    try await recovery.open()
    let job = try await bench.startJob()
    let old = try await bench.lease()
    _ = try await bench.store.advanceEpoch()
    try await recovery.open()
    let new = try await bench.lease()
    #expect(new.authority.job == job.id)
    #expect(new.authority.epoch > old.authority.epoch)
    #expect(try await bench.settle(old, as: .released) == .stale)
  }

  @Test func aQueueInItsEpochIsLeftAlone() async throws {
    let bench = try DecoupledBench()
    let recovery = QueueRecovery(store: bench.store, queue: bench.queue)
    try await recovery.open()
    _ = try await bench.startJob()
    let lease = try await bench.lease()
    let fills = bench.store.faults.calls(of: .refill)
    let openings = bench.queue.faults.calls(of: .open)
    try await recovery.open()
    // Opened late, one that was emptied meanwhile would be taken for the one that was filled.
    #expect(bench.queue.faults.calls(of: .open) == openings)
    #expect(bench.store.faults.calls(of: .refill) == fills)
    #expect(try await bench.settle(lease, as: .released) == .settled)
  }

  @Test func anInterruptedFillingIsDoneAgain() async throws {
    let bench = try DecoupledBench()
    let recovery = QueueRecovery(store: bench.store, queue: bench.queue)
    try await recovery.open()
    let job = try await bench.startJob()
    let broken = DriverError(.unavailable, "test", "A test.")
    bench.store.faults.failNext(.refill, with: broken)
    await #expect(throws: broken) { try await recovery.beginEpoch() }
    try await recovery.open()
    #expect(try await bench.lease().authority.job == job.id)
  }

  @Test func anEpochIsOpenAtOneServer() async throws {
    let bench = try DecoupledBench()
    let other = InMemoryQueue(environment: bench.environment)
    let broken = DriverError(.unavailable, "test", "A test.")
    bench.store.faults.failNext(.refill, with: broken)
    await #expect(throws: broken) {
      try await QueueRecovery(store: bench.store, queue: bench.queue).beginEpoch()
    }
    let begun = try await bench.store.epoch()
    #expect(try await bench.queue.isOpen(in: begun))
    try await QueueRecovery(store: bench.store, queue: other).open()
    let epoch = try await bench.store.epoch()
    #expect(epoch > begun)
    #expect(try await other.isOpen(in: epoch))
    #expect(try await !bench.queue.isOpen(in: epoch))
  }

  @Test func allPagesAreFilled() async throws {
    let bench = try DecoupledBench()
    let recovery = QueueRecovery(store: bench.store, queue: bench.queue)
    try await recovery.open()
    let events = (0..<1203).map { index in
      EventEnvelope(
        id: EventID("\(index)"), type: "Test", occurredAt: bench.time.now, tenant: "acme", payload: [:])
    }
    _ = try await bench.store.record(events)
    _ = try await bench.store.route(limit: 2000, plan: bench.plan)
    try await recovery.beginEpoch()
    #expect(try await bench.queue.depths().map(\.waiting) == [1203])
  }
}
