import Testing
import WorkerKit
import WorkerKitTesting

@Suite("A host that is given another queue", .timeLimit(.minutes(5)))
struct AddedLaneTests {
  private static let slow = TestPipeline.single().replacing("uses: test.step", with: "uses: test.step\n    queue: slow")

  @Test("It takes from a queue that is added while it works", arguments: Pair.allCases)
  func takesFromNewQueue(_ pair: Pair) async throws {
    let fixture = try HostFixture(pair, pipeline: Self.slow)
    try await fixture.emit()
    try await fixture.withHost(closing: false) { running in
      running.host.add(HostLane(queue: "slow", concurrency: 2))
      // A queue that it has is not taken from twice over.
      running.host.add(HostLane(queue: "slow", concurrency: 2))
      try await fixture.untilAllEnded()
    }
    #expect(try await fixture.job().standing.state == .succeeded)
    #expect(try await fixture.job().queue == "slow")
    await fixture.pair.close()
  }

  @Test("It takes from no queue that is added once it stops")
  func addsNothingWhenStopping() async throws {
    let fixture = try HostFixture(pipeline: Self.slow)
    try await fixture.emit()
    try await fixture.withHost(closing: false) { running in
      running.host.stop()
      running.host.add(HostLane(queue: "slow", concurrency: 2))
    }
    #expect(try await fixture.job().standing.state == .queued)
    await fixture.pair.close()
  }
}
