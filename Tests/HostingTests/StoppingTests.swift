import Testing
import WorkerKit
import WorkerKitTesting

@Suite("A host: stopping")
struct StoppingTests {
  private func fixture(_ gate: Gate) throws -> HostFixture {
    try HostFixture { _, value in
      try await gate.pass()
      return value
    }
  }

  /// Where the grace is spent in one step: a short lease would be lost in it.
  private static let longLease = Duration.seconds(3600)

  /// Waits until the host waits out its grace, and lets that pass.
  private func spendGrace(_ fixture: HostFixture) async throws {
    let grace = Duration.seconds(20)
    try await fixture.time.waitForSleeper(until: fixture.time.monotonic + grace)
    fixture.time.advance(by: grace)
  }

  @Test("What runs may end within the grace, and is settled", .timeLimit(.minutes(5)))
  func grace() async throws {
    let gate = Gate()
    let fixture = try fixture(gate)
    try await fixture.emit(2)
    try await fixture.withHost(concurrency: 1, gates: [gate]) { running in
      try await fixture.until { fixture.script.calls.count == 1 }
      running.host.stop()
      gate.open()
      running.ticker.beatFreely()
      await running.ended.wait(after: 0)
    }
    // Which of the two came first is up to their ids.
    let states = try await fixture.jobs().map(\.standing.state)
    #expect(states.count == 2 && Set(states) == [.succeeded, .queued])
    #expect(fixture.script.calls.count == 1 && fixture.script.cancelled.isEmpty)
    #expect(fixture.time.monotonic < .seconds(1))
  }

  @Test(
    "What does not end is cancelled after the grace, and given back without an attempt spent", .timeLimit(.minutes(5)))
  func cutShort() async throws {
    let gate = Gate()
    let fixture = try fixture(gate)
    try await fixture.emit()
    let start = fixture.time.monotonic
    try await fixture.withHost(concurrency: 1, lease: Self.longLease) { running in
      try await fixture.until { fixture.script.calls.count == 1 }
      running.host.stop()
      running.ticker.beatFreely()
      try await spendGrace(fixture)
      await running.ended.wait(after: 0)
    }
    #expect(fixture.script.cancelled.count == 1)
    #expect(fixture.time.monotonic >= start + .seconds(20))
    let standing = try await fixture.job().standing
    #expect(standing.state == .queued && standing.attempts == 0 && standing.fence == Fence.first.raised)
    #expect(try await fixture.history() == ["released"])
  }

  @Test("A worker that does not heed its cancellation does not hold its host", .timeLimit(.minutes(5)))
  func deafWorker() async throws {
    let gate = Gate()
    let fixture = try HostFixture { _, value in
      await gate.passDeafly()
      return value
    }
    try await fixture.emit()
    try await fixture.withHost(concurrency: 1, lease: Self.longLease) { running in
      try await fixture.until { fixture.script.calls.count == 1 }
      running.host.stop()
      running.ticker.beatFreely()
      try await spendGrace(fixture)
      try await fixture.until { fixture.script.cancelled.count == 1 }
      fixture.time.advance(by: .seconds(5))
      await running.ended.wait(after: 0)
      #expect(fixture.script.ended.isEmpty)
      gate.open()
      try await fixture.until { fixture.script.ended.count == 1 }
    }
    #expect(try await fixture.history() == ["released"])
    #expect(try await fixture.job().standing.attempts == 0)
  }

  @Test("Nothing is leased after the stop, and what was being leased is given back", .timeLimit(.minutes(5)))
  func leasesNoMore() async throws {
    let fixture = try HostFixture()
    try await fixture.withHost { running in
      try await fixture.queue.faults.waitForCalls(of: .lease)
      running.host.stop()
      try await fixture.emit()
      try await fixture.untilQueued(under: 2)
      running.ticker.beatFreely()
      await running.ended.wait(after: 0)
    }
    #expect(fixture.queue.faults.calls(of: .lease) == 1)
    #expect(fixture.script.calls.isEmpty)
    #expect(try await fixture.history() == ["released"])
    #expect(try await fixture.job().standing.attempts == 0)
  }

  @Test("A host that is stopped before it runs returns at once", .timeLimit(.minutes(5)))
  func stoppedBefore() async throws {
    let fixture = try HostFixture()
    let ticker = ManualTicker()
    let host = try fixture.host(ticker: ticker)
    host.stop()
    host.stop()
    ticker.beatFreely()
    await host.run()
    #expect(fixture.queue.faults.calls(of: .lease) == 0)
  }

  @Test("Cancelling the task that a host runs in ends it at once, and gives its work back", .timeLimit(.minutes(5)))
  func cancelled() async throws {
    let gate = Gate()
    let fixture = try fixture(gate)
    try await fixture.emit()
    try await fixture.withHost(concurrency: 1) { running in
      try await fixture.until { fixture.script.calls.count == 1 }
      running.ticker.beatFreely()
      running.cancel()
      await running.ended.wait(after: 0)
    }
    #expect(fixture.script.cancelled.count == 1)
    #expect(try await fixture.history() == ["released"])
    #expect(fixture.time.monotonic < .seconds(1))
  }
}
