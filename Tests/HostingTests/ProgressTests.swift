import Testing
import WorkerKit
import WorkerKitTesting

@Suite("A host: progress", .timeLimit(.minutes(5)))
struct ProgressTests {
  private static let unreachable = DriverError(.unavailable, "unreachable", "The store cannot be reached.")

  @Test("What an attempt reports is merged, and kept a second later", arguments: Pair.allCases)
  func merges(_ pair: Pair) async throws {
    let (gate, second, noted) = (Gate(), Gate(), Signal())
    let fixture = try HostFixture(pair) { context, value in
      context.report(fraction: 0.25, message: "reading")
      context.note("one")
      context.report(fraction: 0.5)
      context.note("two")
      noted.raise()
      try await gate.pass()
      context.report(message: "writing")
      try await second.pass()
      return value
    }
    try await fixture.emit()
    try await fixture.withHost(concurrency: 1, closing: false, gates: [gate, second]) { _ in
      await noted.wait(after: 0)
      // The host, until it announces again, and the reporter.
      try await fixture.time.waitForSleepers(2)
      #expect(fixture.store.faults.calls(of: .report) == 0)
      fixture.time.advance(by: .seconds(1))
      try await fixture.until { try await fixture.progress() != nil }
      #expect(
        try await fixture.progress() == JobProgress(fraction: 0.5, message: "reading", log: "one\ntwo\n"))
      #expect(fixture.store.faults.calls(of: .report) == 1)
      gate.open()
      try await fixture.time.waitForSleepers(2)
      fixture.time.advance(by: .seconds(1))
      try await fixture.until { try await fixture.progress()?.message == "writing" }
      #expect(fixture.store.faults.calls(of: .report) == 2)
      second.open()
      try await fixture.untilJob(is: .succeeded)
    }
    // Nothing was left to say before it was settled.
    #expect(fixture.store.faults.calls(of: .report) == 2)
    #expect(try await fixture.progress()?.fraction == 0.5)
    await fixture.pair.close()
  }

  @Test("Everything is told before the attempt is settled, in one write", arguments: Pair.allCases)
  func flushes(_ pair: Pair) async throws {
    let fixture = try HostFixture(pair) { context, value in
      for line in 0..<100 {
        context.report(fraction: Double(line) / 100)
        context.note(String(line))
      }
      return value
    }
    try await fixture.emit()
    try await fixture.withHost(closing: false) { _ in try await fixture.untilJob(is: .succeeded) }
    let progress = try #require(try await fixture.progress())
    #expect(progress.fraction == 0.99)
    #expect(progress.log == (0..<100).map { "\($0)\n" }.joined())
    #expect(fixture.store.faults.calls(of: .report) == 1)
    await fixture.pair.close()
  }

  @Test("A report that is under way is waited for, and what came meanwhile follows it")
  func waitsForOthers() async throws {
    let gate = Gate()
    let fixture = try HostFixture { context, value in
      context.note("one")
      try await gate.pass()
      context.note("two")
      return value
    }
    try await fixture.emit()
    try await fixture.withHost(concurrency: 1, gates: [gate]) { _ in
      fixture.store.faults.hold(.report)
      try await fixture.time.waitForSleepers(2)
      fixture.time.advance(by: .seconds(1))
      try await fixture.store.faults.waitForCalls(of: .report)
      gate.open()
      try await fixture.until { fixture.script.ended.count == 1 }
      #expect(fixture.store.faults.calls(of: .settle) == 0)
      fixture.store.faults.release(.report)
      try await fixture.untilJob(is: .succeeded)
    }
    #expect(try await fixture.progress()?.log == "one\ntwo\n")
  }

  @Test("An attempt whose report is stale is cut short as one that has lost its lease")
  func interruptsStale() async throws {
    let (gate, other) = (Gate(), Gate())
    let fixture = try HostFixture { context, value in
      guard context.authority.fence == .first else { return value }
      try await other.pass()
      context.report(fraction: 0.1)
      try await gate.pass()
      return value
    }
    try await fixture.emit()
    try await fixture.withHost(concurrency: 1, gates: [gate, other]) { _ in
      try await fixture.until { fixture.script.calls.count == 1 }
      try await fixture.reissueJob()
      other.open()
      try await fixture.time.waitForSleepers(2)
      fixture.time.advance(by: .seconds(1))
      try await fixture.until { fixture.script.cancelled.count == 1 }
      try await fixture.untilJob(is: .succeeded)
    }
    #expect(try await fixture.history() == ["lost", "succeeded"])
    #expect(fixture.metrics.value(of: MetricName.leasesLost) == 1)
    #expect(try await fixture.progress() == nil)
  }

  @Test("A store that cannot keep reports is asked again, and fails no job")
  func asksAgain() async throws {
    let gate = Gate()
    let fixture = try HostFixture { context, value in
      context.note("one")
      try await gate.pass()
      context.note("two")
      return value
    }
    fixture.store.faults.failNext(.report, with: Self.unreachable)
    try await fixture.emit()
    try await fixture.withHost(concurrency: 1, gates: [gate]) { _ in
      for count in 1...2 {
        try await fixture.time.waitForSleepers(2)
        fixture.time.advance(by: .seconds(1))
        try await fixture.store.faults.waitForCalls(of: .report, count: count)
      }
      try await fixture.until { try await fixture.progress()?.log == "one\n" }
      fixture.store.faults.failNext(.report, with: Self.unreachable, times: 1000)
      gate.open()
      try await fixture.untilJob(is: .succeeded)
    }
    #expect(try await fixture.history() == ["succeeded"])
    #expect(try await fixture.progress()?.log == "one\n")
  }

  @Test("A worker that talks on after its attempt is over is not heard")
  func ignoresTheLate() async throws {
    let (gate, noted) = (Gate(), Signal())
    let fixture = try HostFixture(pipeline: TestPipeline.single(timeout: "10s", attempts: 1)) { context, value in
      context.note("in time")
      noted.raise()
      await gate.passDeafly()
      context.note("late")
      return value
    }
    try await fixture.emit()
    try await fixture.withHost(gates: [gate]) { running in
      await noted.wait(after: 0)
      fixture.time.advance(by: .seconds(10))
      try await running.ticker.beat()
      fixture.time.advance(by: .seconds(5))
      try await running.ticker.beat()
      try await fixture.untilJob(is: .timedOut)
      gate.open()
      try await fixture.until { fixture.script.ended.count == 1 }
    }
    #expect(try await fixture.progress()?.log == "in time\n")
  }
}
