import Testing
import WorkerKit
import WorkerKitTesting

@Suite("A host: outcomes that cannot be stored")
struct RefusedOutcomeTests {
  /// Runs eight jobs, of which the store refuses what the worker made of the value 3.
  private func drain(_ fixture: HostFixture, gate: Gate) async throws {
    for value in 1...8 { try await fixture.emit(payload: ["value": .integer(Int64(value))]) }
    fixture.store.faults.hold(.settle)
    try await fixture.withHost(concurrency: 8, gates: [gate]) { _ in
      try await fixture.until { fixture.script.calls.count == 8 }
      gate.open()
      try await fixture.until { fixture.script.ended.count == 8 }
      fixture.store.faults.release(.settle)
      try await fixture.untilAllEnded()
    }
  }

  private static func isThree(_ settlement: Settlement) -> Bool {
    guard case .succeeded(let output, _) = settlement.outcome else { return false }
    return output == Array(#"{"value":3}"#.utf8)
  }

  @Test("A refused batch is halved until the one item stands alone, which ends as poison", .timeLimit(.minutes(5)))
  func halves() async throws {
    let gate = Gate()
    let fixture = try HostFixture { _, value in
      try await gate.pass()
      return value
    }
    fixture.store.refuseSettlements(where: Self.isThree)
    try await drain(fixture, gate: gate)
    let jobs = try await fixture.jobs()
    #expect(jobs.count { $0.standing.state == .succeeded } == 7)
    let poisoned = try #require(jobs.first { $0.standing.state == .failed })
    let failure = try #require(poisoned.failure)
    #expect(failure.kind == .poison && failure.code == "outcome_refused")
    #expect(failure.fields["error_code"] == "unstorable")
    let key = try #require(failure.fields["kept_as"])
    #expect(fixture.objects.all == ["acme/\(key)": Array(#"{"value":3}"#.utf8)])
    #expect(try await fixture.pair.store.attempts(of: poisoned.id).map(\.outcome) == ["failed"])
  }

  @Test("Damage under one item does not keep the others from being settled", .timeLimit(.minutes(5)))
  func damaged() async throws {
    let fixture = try HostFixture()
    let damaged = DriverError(.damaged, "undecodable_output", "A stored output cannot be read.")
    fixture.store.faults.failNext(.settle, with: damaged)
    try await fixture.emit()
    try await fixture.withHost(concurrency: 1) { _ in
      try await fixture.untilAllEnded()
      try await fixture.emit()
      try await fixture.untilAllEnded()
    }
    #expect(try await fixture.jobs().map(\.standing.state) == [.failed, .succeeded])
    #expect(try await fixture.job().failure?.code == "outcome_refused")
  }

  @Test("An outcome that is refused even as poison holds nobody up", .timeLimit(.minutes(5)))
  func refusedAsPoison() async throws {
    let fixture = try HostFixture()
    let refused = DriverError(.refused, "unstorable", "The batch holds something that cannot be stored.")
    fixture.store.faults.failNext(.settle, with: Faults<FaultyStore.Verb>.lostAnswer)
    fixture.store.faults.failNext(.settle, with: refused, times: 2)
    try await fixture.emit()
    try await fixture.withHost(concurrency: 1) { _ in
      try await fixture.store.faults.waitForCalls(of: .settle, count: 1)
      // The settler's pause, the lane's, and the next announcement.
      try await fixture.time.waitForSleepers(3)
      fixture.time.advance(by: .seconds(1))
      try await fixture.store.faults.waitForCalls(of: .settle, count: 3)
      try await fixture.emit()
      try await fixture.whileLaneWaits(leavingLeased: true) {
        try await fixture.until { try await fixture.jobs().count { $0.standing.state == .succeeded } == 1 }
      }
    }
    #expect(try await fixture.job().standing.state.isLive)
    #expect(fixture.script.calls.count == 2)
  }
}
