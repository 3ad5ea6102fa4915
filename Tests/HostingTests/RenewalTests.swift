import Testing
import WorkerKit
import WorkerKitTesting

@Suite("A host: leases")
struct RenewalTests {
  private static let unreachable = DriverError(.unavailable, "unreachable", "The queue cannot be reached.")

  @Test(
    "A lease is renewed at a third of its length, and the first renewal begins the attempt", .timeLimit(.minutes(5)),
    arguments: Pair.allCases)
  func renewsAtAThird(_ pair: Pair) async throws {
    let gate = Gate()
    let fixture = try HostFixture(pair) { _, value in
      try await gate.pass()
      return value
    }
    try await fixture.emit()
    try await fixture.withHost(closing: false, gates: [gate]) { running in
      try await fixture.until { fixture.script.calls.count == 1 }
      fixture.time.advance(by: .milliseconds(4_999))
      try await running.ticker.beat()
      #expect(fixture.queue.faults.calls(of: .renew) == 0)
      let unbegun = try await fixture.job().standing
      #expect(unbegun.state == .queued && unbegun.holder == nil)
      fixture.time.advance(by: .milliseconds(1))
      try await running.ticker.beat()
      try await fixture.untilJob(is: .running)
      let begun = try await fixture.job()
      let known = try await fixture.pair.queue.known([FencedJob(job: begun.id, fence: begun.standing.fence)])
      let holder = try #require(begun.standing.holder)
      #expect(known == [.leased(holder)])
      #expect(begun.standing.startedAt == fixture.time.now + .seconds(-5))
      fixture.time.advance(by: .seconds(5))
      try await fixture.until(beating: running.ticker) { fixture.queue.faults.calls(of: .renew) == 2 }
      gate.open()
      try await fixture.untilJob(is: .succeeded)
    }
    #expect(fixture.store.faults.calls(of: .begin) == 1)
    #expect(try await fixture.history() == ["succeeded"])
    await fixture.pair.close()
  }

  @Test("A refused renewal cancels the task, and nothing is settled for it", .timeLimit(.minutes(5)))
  func refused() async throws {
    let gate = Gate()
    let fixture = try HostFixture { context, value in
      if context.authority.fence == .first { try await gate.pass() }
      return value
    }
    try await fixture.emit()
    try await fixture.withHost(concurrency: 1, gates: [gate]) { running in
      try await fixture.until { fixture.script.calls.count == 1 }
      try await fixture.reissueJob()
      fixture.time.advance(by: .seconds(5))
      try await running.ticker.beat()
      try await fixture.until { fixture.script.cancelled.count == 1 }
      // The slot is free again, and the same host does the job under its new fence.
      try await fixture.untilJob(is: .succeeded)
    }
    #expect(fixture.script.calls.map(\.fence.rawValue) == [1, 2])
    #expect(try await fixture.history() == ["lost", "succeeded"])
    #expect(fixture.store.faults.calls(of: .settle) == 1)
    #expect(fixture.metrics.value(of: MetricName.leasesLost) == 1)
    #expect(fixture.metrics.value(of: MetricName.staleWrites) == 0)
  }

  @Test("A host that cannot renew stops before its lease runs out", .timeLimit(.minutes(5)))
  func unreachable() async throws {
    let gate = Gate()
    let fixture = try HostFixture { _, value in
      try await gate.pass()
      return value
    }
    try await fixture.emit()
    fixture.queue.faults.failNext(.renew, with: Self.unreachable, times: 1000)
    try await fixture.withHost(concurrency: 1, gates: [gate]) { running in
      try await fixture.until { fixture.script.calls.count == 1 }
      fixture.time.advance(by: .seconds(5))
      try await fixture.until(beating: running.ticker) { fixture.queue.faults.calls(of: .renew) >= 2 }
      fixture.time.advance(by: .milliseconds(8_499))
      try await running.ticker.beat()
      #expect(fixture.script.cancelled.isEmpty)
      fixture.time.advance(by: .milliseconds(1))
      try await running.ticker.beat()
      #expect(fixture.script.cancelled.count == 1)
      #expect(try await fixture.pair.queue.expired(limit: 10) == [])
    }
    #expect(fixture.store.faults.calls(of: .settle) == 0)
    #expect(fixture.metrics.value(of: MetricName.leasesLost) == 1)
    #expect(try await fixture.job().standing.attempts == 0)
  }

  @Test("A renewal that failed is asked for again at the next beat", .timeLimit(.minutes(5)))
  func asksAgain() async throws {
    let gate = Gate()
    let fixture = try HostFixture { _, value in
      try await gate.pass()
      return value
    }
    try await fixture.emit()
    fixture.queue.faults.failNext(.renew, with: Self.unreachable, times: 3)
    try await fixture.withHost(gates: [gate]) { running in
      try await fixture.until { fixture.script.calls.count == 1 }
      fixture.time.advance(by: .seconds(13))
      try await fixture.until(beating: running.ticker) { try await fixture.job().standing.state == .running }
      fixture.time.advance(by: .seconds(4))
      try await running.ticker.beat()
      #expect(fixture.script.cancelled.isEmpty)
      gate.open()
      try await fixture.untilJob(is: .succeeded)
    }
    #expect(fixture.queue.faults.calls(of: .renew) >= 4)
    #expect(fixture.metrics.value(of: MetricName.leasesLost) == 0)
  }

  @Test("A lease that the queue has forgotten is adopted in the same epoch", .timeLimit(.minutes(5)))
  func adopted() async throws {
    let gate = Gate()
    let fixture = try HostFixture { _, value in
      try await gate.pass()
      return value
    }
    try await fixture.emit()
    let queue = try #require(fixture.pair.queue as? WipeableQueue)
    try await fixture.withHost(concurrency: 1, gates: [gate]) { running in
      try await fixture.until { fixture.script.calls.count == 1 }
      queue.wipe()
      #expect(try await queue.depths() == [])
      fixture.time.advance(by: .seconds(5))
      try await running.ticker.beat()
      try await fixture.untilJob(is: .running)
      #expect(try await queue.depths().map(\.leased) == [1])
      gate.open()
      try await fixture.untilJob(is: .succeeded)
    }
    #expect(fixture.script.cancelled.isEmpty)
    #expect(try await fixture.history() == ["succeeded"])
    #expect(try await queue.depths() == [])
  }
}
