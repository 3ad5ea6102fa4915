import Testing
import WorkerKit
import WorkerKitTesting

@Suite("A host: the happy path")
struct HappyPathTests {
  @Test(
    "An event becomes outputs, a next stage's job, and another event", .timeLimit(.minutes(5)), arguments: Pair.allCases
  )
  func drains(_ pair: Pair) async throws {
    let fixture = try HostFixture(pair, pipeline: TestPipeline.chain) { context, value in
      guard case .integer(let number) = value else { return .null }
      return .integer(number + 1)
    }
    try await fixture.emit()
    try await fixture.withHost(closing: false) { _ in
      try await fixture.until { try await fixture.jobs().count == 2 }
      try await fixture.untilAllEnded()
    }
    let jobs = try await fixture.pair.store.jobs(of: fixture.job().run)
    #expect(jobs.map(\.stage) == ["first", "second"])
    #expect(jobs.map(\.standing.state) == [.succeeded, .succeeded])
    #expect(jobs.map(\.standing.attempts) == [1, 1])
    #expect(try jobs.map { try JSONReader.parse(try #require($0.output)) } == [["value": 8], ["value": 9]])
    #expect(fixture.script.calls.map(\.job) == jobs.map(\.id))
    #expect(fixture.script.calls.map(\.attempt) == [1, 1])
    let attempts = try await fixture.pair.store.attempts(of: jobs[0].id)
    #expect(attempts.map(\.outcome) == ["succeeded"])
    #expect(attempts.map(\.host) == ["host-1"])
    #expect(try await fixture.pair.store.run(jobs[0].run)?.standing.state == .succeeded)
    #expect(try await fixture.pair.store.unroutedCount() == 1)
    #expect(fixture.emitted.count == 1)
    #expect(fixture.metrics.value(of: MetricName.jobs, "chain", "first", "succeeded") == 1)
    #expect(try await fixture.pair.queue.depths() == [])
    await fixture.pair.close()
  }

  @Test("A host never runs more at once than its lane allows", .timeLimit(.minutes(5)))
  func keepsToItsSlots() async throws {
    let gate = Gate()
    let fixture = try HostFixture { _, value in
      try await gate.pass()
      return value
    }
    try await fixture.emit(5)
    try await fixture.withHost(concurrency: 2, gates: [gate]) { running in
      try await fixture.until { fixture.script.calls.count == 2 }
      // A beat goes through everything that runs; a third call would be among it.
      try await running.ticker.beat()
      #expect(try await fixture.pair.queue.depths().map(\.leased) == [2])
      gate.open()
      try await fixture.untilAllEnded()
      #expect(fixture.script.calls.count == 5)
    }
  }
}
