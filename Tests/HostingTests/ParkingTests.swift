import Testing
import WorkerKit
import WorkerKitTesting

@Suite("A host: parked jobs")
struct ParkingTests {
  @Test(
    "A job whose worker is unknown is parked and spends nothing; a host that knows it does it",
    .timeLimit(.minutes(5)), arguments: Pair.allCases)
  func unknownWorker(_ pair: Pair) async throws {
    let fixture = try HostFixture(pair, pipeline: TestPipeline.other)
    try await fixture.emit()
    try await fixture.withHost(closing: false) { _ in try await fixture.untilJob(is: .pending) }
    let parked = try await fixture.job().standing
    #expect(parked.attempts == 0 && parked.waitingFor == "worker")
    #expect(fixture.script.calls.isEmpty)
    #expect(try await fixture.pair.queue.depths() == [])
    try await fixture.withHost(id: "host-2", other: true, closing: false) { _ in
      try await fixture.untilJob(is: .succeeded)
    }
    #expect(try await fixture.history() == ["parked", "succeeded"])
    #expect(try await fixture.job().standing.attempts == 1)
    #expect(fixture.script.calls.map(\.attempt) == [1])
    await fixture.pair.close()
  }

  @Test("A job that another host parks later is done by a host that was there already", .timeLimit(.minutes(5)))
  func parkedLater() async throws {
    let fixture = try HostFixture(pipeline: TestPipeline.other)
    fixture.queue.faults.hold(.lease)
    try await fixture.withHost(other: true) { _ in
      try await fixture.store.faults.waitForCalls(of: .announce)
      try await fixture.queue.faults.waitForCalls(of: .lease)
      // The next announcement is waited for: nothing else sleeps.
      try await fixture.time.waitForSleepers()
      try await fixture.emit()
      try await fixture.parkJob()
      fixture.queue.faults.release(.lease)
      fixture.time.advance(by: .seconds(60))
      try await fixture.untilJob(is: .succeeded)
    }
    #expect(try await fixture.history() == ["parked", "succeeded"])
  }

  @Test("A host that could not announce its workers tries again", .timeLimit(.minutes(5)))
  func announcesAgain() async throws {
    let fixture = try HostFixture(pipeline: TestPipeline.other)
    try await fixture.emit()
    try await fixture.parkJob()
    let busy = DriverError(.unavailable, "busy", "The file is busy; try again.")
    fixture.store.faults.failNext(.announce, with: busy)
    try await fixture.withHost(other: true) { _ in
      try await fixture.store.faults.waitForCalls(of: .announce)
      // The next announcement, and the lane that waits for work; the queue sleeps once for each wait.
      try await fixture.time.waitForSleepers(2)
      fixture.time.advance(by: .seconds(1))
      try await fixture.untilJob(is: .succeeded)
    }
    #expect(fixture.store.faults.calls(of: .announce) == 2)
  }

  @Test("A revision that the host does not have is read from the store", .timeLimit(.minutes(5)))
  func readsRevision() async throws {
    let fixture = try HostFixture()
    try await fixture.emit()
    try await fixture.withHost { _ in
      try await fixture.untilJob(is: .succeeded)
      try await fixture.emit()
      try await fixture.untilAllEnded()
    }
    #expect(fixture.store.faults.calls(of: .revisions) == 1)
  }

  @Test("A revision that nobody has parks its jobs", .timeLimit(.minutes(5)))
  func missingRevision() async throws {
    let fixture = try HostFixture()
    try await fixture.emit(activating: false)
    try await fixture.withHost { _ in try await fixture.untilJob(is: .pending) }
    let parked = try await fixture.job().standing
    #expect(parked.attempts == 0 && parked.waitingFor == "revision")
    #expect(fixture.script.calls.isEmpty)
  }
}
