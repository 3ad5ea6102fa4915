import Testing
import WorkerKit
import WorkerKitTesting

@Suite("A host: two leases of one job")
struct SecondLeaseTests {
  @Test("A retry that is leased before its settle has returned keeps its own lease", .timeLimit(.minutes(5)))
  func retryBeforeAnswer() async throws {
    let gate = Gate()
    let fixture = try HostFixture(.sqlite) { context, value in
      guard context.attempt > 1 else { throw Failure(.transient, "unwell", "It may work later.") }
      try await gate.pass()
      return value
    }
    try await fixture.emit()
    fixture.store.faults.holdAnswers(of: .settle)
    try await fixture.withHost(closing: false, gates: [gate]) { running in
      try await fixture.untilQueued(under: 2)
      try await fixture.whileLaneWaits {
        try await fixture.until { fixture.script.calls.count == 2 }
      }
      fixture.store.faults.release(.settle)
      // Comes to pass only if the answer to the first attempt did not take the second one's lease from the keeper.
      for renewals in 1...2 {
        fixture.time.advance(by: .seconds(5))
        try await fixture.until(beating: running.ticker) { fixture.queue.faults.calls(of: .renew) == renewals }
      }
      try await fixture.untilJob(is: .running)
      gate.open()
      try await fixture.untilJob(is: .succeeded)
    }
    #expect(try await fixture.history() == ["retry", "succeeded"])
    await fixture.pair.close()
  }

  @Test("One fence leased in two epochs by one host is two attempts", .timeLimit(.minutes(5)))
  func acrossEpochs() async throws {
    let (old, new) = (Gate(), Gate())
    let fixture = try HostFixture { context, value in
      try await (context.authority.epoch == .first ? old : new).pass()
      return value
    }
    try await fixture.emit()
    try await fixture.withHost(gates: [old, new]) { _ in
      try await fixture.until { fixture.script.calls.count == 1 }
      let (store, queue) = (fixture.pair.store, fixture.pair.queue)
      let epoch = try await store.advanceEpoch()
      try await queue.open(epoch)
      let page = try await store.refill(in: epoch, after: nil, limit: 10)
      try await Courier(store: store, queue: queue).deliver(page.handoff)
      try await fixture.until { fixture.script.calls.count == 2 }
      old.open()
      try await fixture.store.faults.waitForCalls(of: .settle)
      try await fixture.until { fixture.script.ended.count == 1 }
      #expect(try await fixture.job().standing.state.isLive)
      new.open()
      try await fixture.untilJob(is: .succeeded)
    }
    #expect(fixture.script.calls.map(\.fence.rawValue) == [1, 1])
    #expect(fixture.metrics.value(of: MetricName.staleWrites) == 1)
    #expect(try await fixture.history() == ["succeeded"])
  }
}
