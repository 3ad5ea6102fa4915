import Synchronization
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("A host: settling")
struct SettlingTests {
  @Test("Outcomes gather while a batch is under way, and go in one", .timeLimit(.minutes(5)))
  func batches() async throws {
    let (first, second) = (Gate(), Gate())
    let started = Mutex(0)
    let fixture = try HostFixture { _, value in
      let number = started.withLock { count in
        count += 1
        return count
      }
      try await (number <= 50 ? first : second).pass()
      return value
    }
    try await fixture.emit(100)
    fixture.store.faults.hold(.settle)
    try await fixture.withHost(concurrency: 50, gates: [first, second]) { _ in
      try await fixture.until { fixture.script.calls.count == 50 }
      first.open()
      // The next fifty have found free slots, so the outcomes of the first fifty are all on their way.
      try await fixture.until { fixture.script.calls.count == 100 }
      try await fixture.store.faults.waitForCalls(of: .settle)
      #expect(fixture.store.faults.calls(of: .settle) == 1)
      fixture.store.faults.release(.settle)
      try await fixture.until { try await fixture.jobs().count { $0.standing.state == .succeeded } == 50 }
      #expect(fixture.store.faults.calls(of: .settle) <= 3)
      second.open()
      try await fixture.untilAllEnded()
    }
    #expect(fixture.script.calls.count == 100)
    #expect(fixture.metrics.value(of: MetricName.jobs, "single", "step", "succeeded") == 100)
  }

  @Test("A host that cannot settle leases nothing until it can", .timeLimit(.minutes(5)))
  func storeUnavailable() async throws {
    // In one file nothing is pushed, so that time may pass at any speed.
    let fixture = try HostFixture(.sqlite)
    let busy = DriverError(.unavailable, "busy", "The file is busy; try again.")
    fixture.store.faults.failNext(.settle, with: busy, times: 10)
    try await fixture.emit()
    try await fixture.withHost(concurrency: 2, closing: false) { _ in
      // A call that was under way when the store failed ends within the first of these seconds.
      for call in 1...4 {
        try await fixture.store.faults.waitForCalls(of: .settle, count: call)
        // The settler's pause, which is no longer, the lane's, and the host's next announcement.
        try await fixture.time.waitForSleepers(3)
        fixture.time.advance(by: .seconds(1))
      }
      try await fixture.store.faults.waitForCalls(of: .settle, count: 5)
      fixture.store.faults.hold(.settle)
      try await fixture.emit()
      let leases = fixture.queue.faults.calls(of: .lease)
      for _ in 0..<50 {
        // The lane's pause, beside the host's next announcement.
        try await fixture.time.waitForSleepers(2)
        fixture.time.advance(by: .milliseconds(200))
      }
      #expect(fixture.queue.faults.calls(of: .lease) == leases)
      #expect(fixture.script.calls.count == 1)
      fixture.store.faults.release(.settle)
      try await fixture.whileTimePasses { try await fixture.untilAllEnded() }
    }
    #expect(try await fixture.jobs().map(\.standing.state) == [.succeeded, .succeeded])
    #expect(try await fixture.history() == ["succeeded"])
    #expect(fixture.store.faults.calls(of: .settle) >= 11)
    await fixture.pair.close()
  }

  @Test("A store that cannot be read is asked again about the same leases, not about others", .timeLimit(.minutes(5)))
  func loadUnavailable() async throws {
    let fixture = try HostFixture(.sqlite)
    let busy = DriverError(.unavailable, "busy", "The file is busy; try again.")
    fixture.store.faults.failNext(.load, with: busy, times: 5)
    try await fixture.emit(2)
    try await fixture.withHost(concurrency: 1, closing: false) { _ in
      for call in 1...5 {
        try await fixture.store.faults.waitForCalls(of: .load, count: call)
        // The lane's pause, beside the host's next announcement.
        try await fixture.time.waitForSleepers(2)
        #expect(fixture.queue.faults.calls(of: .lease) == 1)
        fixture.time.advance(by: .milliseconds(200))
      }
      try await fixture.untilAllEnded()
    }
    #expect(try await fixture.jobs().map(\.standing.losses) == [0, 0])
    #expect(try await fixture.jobs().map(\.standing.fence) == [.first, .first])
    await fixture.pair.close()
  }

  @Test("An answer that is lost is asked for again, and nothing happens twice", .timeLimit(.minutes(5)))
  func answerLost() async throws {
    let fixture = try HostFixture(.sqlite, pipeline: TestPipeline.chain)
    fixture.store.faults.loseAnswer(of: .settle)
    try await fixture.emit()
    try await fixture.withHost(closing: false) { _ in
      try await fixture.whileTimePasses {
        try await fixture.until { try await fixture.pair.store.unroutedCount() == 1 }
      }
    }
    let jobs = try await fixture.jobs()
    #expect(jobs.count == 2 && jobs.allSatisfy { $0.standing.state == .succeeded })
    #expect(fixture.script.calls.count == 2)
    #expect(try await fixture.history() == ["succeeded"])
    #expect(fixture.store.faults.calls(of: .settle) >= 3)
    #expect(fixture.metrics.value(of: MetricName.staleWrites) == 0)
    await fixture.pair.close()
  }

  @Test("A stale outcome is refused and counted", .timeLimit(.minutes(5)))
  func stale() async throws {
    let gate = Gate()
    let fixture = try HostFixture { context, value in
      if context.authority.fence == .first { try await gate.pass() }
      return value
    }
    try await fixture.emit()
    try await fixture.withHost(concurrency: 1, gates: [gate]) { _ in
      try await fixture.until { fixture.script.calls.count == 1 }
      try await fixture.reissueJob()
      gate.open()
      try await fixture.untilJob(is: .succeeded)
    }
    #expect(try await fixture.history() == ["lost", "succeeded"])
    #expect(fixture.metrics.value(of: MetricName.staleWrites) == 1)
    #expect(fixture.metrics.value(of: MetricName.jobs, "single", "step", "succeeded") == 1)
  }
}
