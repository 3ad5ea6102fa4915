import Synchronization
import Testing
import Tracing
import WorkerKit
import WorkerKitTesting

@testable import TracingDriver

@Suite("A host: jobs that are cancelled", .timeLimit(.minutes(5)))
struct CancelTests {
  private let spans = Shared<[FinishedSpan]>([])

  private func tracer(_ fixture: HostFixture) -> OTLPTracer {
    OTLPTracer(environment: fixture.environment) { [spans] span in spans.withLock { $0.append(span) } }
  }

  /// Waits at the gate in the first job alone.
  private func fixture(_ pair: Pair, _ gate: Gate) throws -> HostFixture {
    try HostFixture(pair) { _, value in
      if value == 1 { try await gate.pass() }
      return value
    }
  }

  @Test(
    "A running attempt is cut short at its next renewal, settles nothing and frees its slot",
    arguments: Pair.allCases, [false, true])
  func cutsShort(_ pair: Pair, hasBegun: Bool) async throws {
    let gate = Gate()
    let fixture = try fixture(pair, gate)
    try await fixture.emit(payload: ["value": 1])
    try await fixture.emit(payload: ["value": 2])
    try await fixture.withHost(concurrency: 1, closing: false, gates: [gate], tracer: tracer(fixture)) { running in
      try await fixture.until { fixture.script.calls.count == 1 }
      if hasBegun {
        fixture.time.advance(by: .seconds(5))
        try await fixture.until(beating: running.ticker) { try await fixture.job().standing.state == .running }
      }
      try await fixture.cancelJob()
      #expect(fixture.script.cancelled.isEmpty)
      fixture.time.advance(by: .seconds(5))
      // The renewal before this one may still be under way at the next beat.
      try await fixture.until(beating: running.ticker) { fixture.script.cancelled.count == 1 }
      // In the slot that is free again.
      try await fixture.untilAllEnded()
    }
    #expect(try await fixture.jobs().map(\.standing.state) == [.cancelled, .succeeded])
    #expect(fixture.script.calls.count == 2)
    #expect(fixture.store.faults.calls(of: .settle) == 1)
    #expect(fixture.metrics.value(of: MetricName.staleWrites) == 0)
    #expect(try await fixture.job().standing.attempts == 0)
    #expect(try await fixture.pair.queue.depths() == [])
    let attempts = spans.withLock { $0 }.filter { $0.name.hasPrefix("attempt") }
    #expect(attempts.count == 2)
    #expect(spans.withLock { $0 }.count { $0.name.hasPrefix("job") } == 1)
    await fixture.pair.close()
  }

  @Test("An attempt that had begun is cut short though the queue never heard of it", arguments: Pair.allCases)
  func cutsShortUnheard(_ pair: Pair) async throws {
    let gate = Gate()
    let fixture = try fixture(pair, gate)
    try await fixture.emit(payload: ["value": 1])
    try await fixture.withHost(concurrency: 1, closing: false, gates: [gate]) { running in
      try await fixture.until { fixture.script.calls.count == 1 }
      fixture.time.advance(by: .seconds(5))
      try await fixture.until(beating: running.ticker) { try await fixture.job().standing.state == .running }
      try await fixture.cancelJob(revoking: false)
      fixture.time.advance(by: .seconds(5))
      // The renewal before this one may still be under way at the next beat.
      try await fixture.until(beating: running.ticker) { fixture.script.cancelled.count == 1 }
    }
    #expect(try await fixture.job().standing.state == .cancelled)
    #expect(fixture.store.faults.calls(of: .settle) == 0)
    await fixture.pair.close()
  }

  @Test("What an attempt returns after its job was cancelled is refused", arguments: Pair.allCases)
  func refusesLateResults(_ pair: Pair) async throws {
    let gate = Gate()
    let fixture = try fixture(pair, gate)
    try await fixture.emit(payload: ["value": 1])
    try await fixture.withHost(closing: false, gates: [gate]) { _ in
      try await fixture.until { fixture.script.calls.count == 1 }
      try await fixture.cancelJob()
      gate.open()
      try await fixture.until { fixture.store.faults.calls(of: .settle) == 1 }
    }
    #expect(fixture.metrics.value(of: MetricName.staleWrites) == 1)
    #expect(try await fixture.job().standing.state == .cancelled)
    #expect(try await fixture.job().output == nil)
    await fixture.pair.close()
  }

  @Test("Whoever cancels sends the job's span, under the attempt's trace")
  func sendsTheSpan() async throws {
    let fixture = try HostFixture()
    try await fixture.emit(traceParent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    try await fixture.cancelJob()
    let job = try await fixture.job()
    JobEndings(tracer: tracer(fixture), metrics: fixture.metrics, time: fixture.time).tell([job])
    let span = try #require(spans.withLock { $0 }.first)
    #expect(span.name == "job single.step")
    #expect(span.details.attributes.get("millrace.outcome") == .string("cancelled"))
    #expect(fixture.metrics.value(of: MetricName.superseded, "single", "step") == 0)
    #expect(span.parent?.description == "00f067aa0ba902b7")
    #expect(span.details.status == nil)
  }
}
