import Testing
import WorkerKit
import WorkerKitTesting

@Suite("A host: deadlines")
struct DeadlineTests {
  @Test(
    "An attempt that runs past its time is cancelled, tried again, and timed out when spent", .timeLimit(.minutes(5)))
  func timesOut() async throws {
    let gate = Gate()
    let fixture = try HostFixture(pipeline: TestPipeline.single(timeout: "10s", attempts: 2)) { _, value in
      try await gate.pass()
      return value
    }
    try await fixture.emit()
    try await fixture.withHost(gates: [gate]) { running in
      try await fixture.until { fixture.script.calls.count == 1 }
      // The lane and the host: a lane that asked before the clock moves and leases after it has an old lease.
      try await fixture.time.waitForSleepers(2)
      fixture.time.advance(by: .milliseconds(9_999))
      try await running.ticker.beat()
      #expect(fixture.script.cancelled.isEmpty)
      fixture.time.advance(by: .milliseconds(1))
      try await running.ticker.beat()
      #expect(fixture.script.cancelled.count == 1)
      try await fixture.untilQueued(under: 2)
      #expect(try await fixture.job().failure?.kind == .deadline)
      try await fixture.whileLaneWaits {
        try await fixture.until { fixture.script.calls.count == 2 }
      }
      fixture.time.advance(by: .seconds(9))
      try await running.ticker.beat()
      fixture.time.advance(by: .seconds(1))
      try await running.ticker.beat()
      try await fixture.untilJob(is: .timedOut)
    }
    let job = try await fixture.job()
    #expect(job.standing.attempts == 2 && job.failure?.code == "deadline_exceeded")
    #expect(try await fixture.history() == ["retry", "timed_out"])
  }

  @Test(
    "A worker that does not heed its cancellation is given up, and its late result ignored", .timeLimit(.minutes(5)))
  func givesUp() async throws {
    let gate = Gate()
    let fixture = try HostFixture(pipeline: TestPipeline.single(timeout: "10s", attempts: 1)) { _, value in
      if value == 1 { await gate.passDeafly() }
      return value
    }
    try await fixture.emit(payload: ["value": 1])
    try await fixture.emit(payload: ["value": 2])
    try await fixture.withHost(concurrency: 1, gates: [gate]) { running in
      try await fixture.until { fixture.script.calls.count == 1 }
      fixture.time.advance(by: .seconds(10))
      try await running.ticker.beat()
      #expect(fixture.script.cancelled.count == 1)
      fixture.time.advance(by: .milliseconds(4_999))
      try await running.ticker.beat()
      #expect(try await fixture.job().standing.state.isLive)
      #expect(fixture.script.calls.count == 1)
      fixture.time.advance(by: .milliseconds(1))
      try await running.ticker.beat()
      // The second job finds the one slot free, while the first one's worker still runs.
      try await fixture.untilAllEnded()
      #expect(try await fixture.jobs().map(\.standing.state) == [.timedOut, .succeeded])
      gate.open()
      try await fixture.until { fixture.script.ended.count == 2 }
    }
    #expect(try await fixture.history() == ["timed_out"])
    #expect(try await fixture.job().output == nil)
    #expect(fixture.metrics.value(of: MetricName.staleWrites) == 0)
  }
}
