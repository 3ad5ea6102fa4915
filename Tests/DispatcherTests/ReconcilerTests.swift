import Dispatcher
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Reconciler", .timeLimit(.minutes(5)))
struct ReconcilerTests {
  @Test func aLostLeaseGoesBackUnderANewFence() async throws {
    let bench = try TestBench()
    let job = try await bench.startJob()
    _ = try await bench.lease(for: .seconds(10))
    let reconciler = Reconciler(
      store: bench.store, queue: bench.queue, environment: bench.environment, metrics: bench.metrics,
      log: bench.logs.logger)
    #expect(try await reconciler.reclaimExpired() == 0)
    bench.time.advance(by: .seconds(11))
    #expect(try await reconciler.reclaimExpired() == 1)
    let after = try #require(try await bench.store.job(job.id))
    #expect(after.standing.fence == job.standing.fence.raised)
    #expect(after.standing.losses == 1)
    #expect(after.standing.attempts == 0)
    #expect(bench.metrics.value(of: MetricName.leasesLost) == 1)
    #expect(try await bench.lease().authority.fence == after.standing.fence)
    #expect(try await bench.store.attempts(of: job.id).map(\.outcome) == ["lost"])
  }

  @Test func aLostLeaseIsPushedWhereTheQueueIsApart() async throws {
    let bench = try DecoupledBench()
    let job = try await bench.startJob()
    let first = try await bench.lease(for: .seconds(10))
    bench.time.advance(by: .seconds(11))
    #expect(try await bench.reconciler().reclaimExpired() == 1)
    let second = try await bench.lease()
    #expect(second.authority.job == job.id)
    #expect(second.authority.fence > first.authority.fence)
    #expect(try await bench.settle(first, as: .released) == .stale)
  }

  @Test func aSettledJobWhoseHostDiedIsTakenOutOfTheQueue() async throws {
    let bench = try DecoupledBench()
    let job = try await bench.startJob()
    let lease = try await bench.lease(for: .seconds(10))
    #expect(try await bench.settle(lease, as: .succeeded(output: Array("{}".utf8), artifacts: [])) == .settled)
    bench.time.advance(by: .seconds(11))
    #expect(try await bench.reconciler().reclaimExpired() == 0)
    #expect(try await bench.queue.expired(limit: 10).isEmpty)
    #expect(try await bench.queue.depths().isEmpty)
    #expect(try await bench.store.job(job.id)?.standing.state == .succeeded)
    #expect(bench.metrics.value(of: MetricName.leasesLost) == 0)
  }

  @Test func aPushThatWasLostIsMadeAgain() async throws {
    let bench = try DecoupledBench()
    let job = try await bench.startJob(pushing: false)
    #expect(try await bench.reconciler().redeliverOverdue() == 0)
    bench.time.advance(by: .seconds(60))
    #expect(try await bench.reconciler().redeliverOverdue() == 1)
    let lease = try await bench.lease()
    #expect(lease.authority.job == job.id)
    #expect(lease.authority.fence == job.standing.fence.raised)
    #expect(try await bench.store.due(limit: 10).isEmpty)
    #expect(try await bench.reconciler().redeliverOverdue() == 0)
  }

  @Test func aPushThatArrivedUnsaidKeepsItsFence() async throws {
    let bench = try DecoupledBench()
    let lost = Faults<FaultyStore.Verb>.lostAnswer
    bench.store.faults.failNext(.arrived, with: lost)
    await #expect(throws: lost) { _ = try await bench.startJob() }
    let lease = try await bench.lease()
    bench.time.advance(by: .seconds(60))
    #expect(try await bench.reconciler().redeliverOverdue() == 0)
    #expect(try await bench.store.job(lease.authority.job)?.standing.fence == lease.authority.fence)
    #expect(try await bench.store.due(limit: 10).isEmpty)
  }

  @Test func anUnreachableStoreDoesNotEndTheLoop() async throws {
    let bench = try DecoupledBench()
    let job = try await bench.startJob()
    _ = try await bench.lease(for: .seconds(1))
    bench.time.advance(by: .seconds(2))
    bench.store.faults.failNext(.reissue, with: DriverError(.unavailable, "test", "A test."), times: 2)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await bench.reconciler().run() }
      for _ in 1...2 {
        try await bench.time.waitForSleepers()
        bench.time.advance(by: .seconds(10))
      }
      try await bench.queue.faults.waitForCalls(of: .push, count: 2)
      group.cancelAll()
    }
    #expect(bench.logs.text.contains("could not be reconciled"))
    #expect(try await bench.store.job(job.id)?.standing.losses == 1)
  }
}
