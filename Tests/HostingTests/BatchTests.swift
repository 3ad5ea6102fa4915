import Synchronization
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("A host: batches", .timeLimit(.minutes(5)))
struct BatchTests {
  private static func pipeline(_ batch: String, attempts: Int = 3, with options: String = "") -> String {
    """
    pipeline: many
    trigger: { event: Started }
    stages:
      step:
        uses: test.many
        with: { value: "${event.payload.value}"\(options) }
        timeout: 60s
        retry: { attempts: \(attempts), backoff: { initial: 1s, max: 4s } }
        batch: \(batch)

    """
  }

  @Test("A full batch runs at once, and each job has its own answer", arguments: Pair.allCases)
  func isFull(_ pair: Pair) async throws {
    let fixture = try HostFixture(pair, pipeline: Self.pipeline("{ size: 3, wait: 1m }")) { _, value in
      if value == 2 { throw Failure(.permanent, "two", "It is two.") }
      return value
    }
    for value in 1...3 { try await fixture.emit(payload: ["value": .integer(Int64(value))]) }
    try await fixture.withHost(closing: false) { _ in
      try await fixture.untilAllEnded()
      #expect(fixture.time.monotonic < .seconds(1))
    }
    #expect(try await fixture.jobs().map(\.standing.state) == [.succeeded, .failed, .succeeded])
    #expect(try await fixture.jobs().map(\.failure?.code) == [nil, "two", nil])
    #expect(fixture.script.batches == [3])
    await fixture.pair.close()
  }

  @Test("A batch that is not full runs when its first job has waited as long as it may")
  func isDue() async throws {
    let fixture = try HostFixture(pipeline: Self.pipeline("{ size: 100, wait: 30s }"))
    try await fixture.emit(2)
    try await fixture.withHost(concurrency: 8) { _ in
      // Two that gather, the lane and the host.
      try await fixture.time.waitForSleepers(4)
      #expect(fixture.script.batches == [])
      try await fixture.whileTimePasses { try await fixture.untilAllEnded() }
    }
    #expect(fixture.script.batches == [2])
    #expect(fixture.time.monotonic >= .seconds(30))
  }

  @Test("A lane that holds fewer than a batch runs what it has")
  func isSmall() async throws {
    let fixture = try HostFixture(pipeline: Self.pipeline("{ size: 100, wait: 1m }"))
    try await fixture.emit(4)
    try await fixture.withHost(concurrency: 2) { _ in
      try await fixture.untilAllEnded()
      #expect(fixture.time.monotonic < .seconds(1))
    }
    #expect(fixture.script.batches == [2, 2])
  }

  @Test("Options that cannot be read fail their own job alone")
  func isUnreadable() async throws {
    let fixture = try HostFixture(
      pipeline: Self.pipeline("{ size: 2, wait: 1m }", with: ", strict: \"${event.payload.strict}\""))
    try await fixture.emit(payload: ["value": 1, "strict": "no number"])
    try await fixture.emit(payload: ["value": 2, "strict": 7])
    try await fixture.withHost { _ in try await fixture.untilAllEnded() }
    #expect(try await fixture.jobs().map(\.failure?.code) == ["invalid_options", nil])
    #expect(fixture.script.batches == [1])
  }

  @Test("A job without an answer has failed for the time being, and is named")
  func isUnanswered() async throws {
    let fixture = try HostFixture(pipeline: Self.pipeline("{ size: 2, wait: 1m }", attempts: 1))
    try await fixture.emit(payload: ["value": "forget"])
    try await fixture.emit(payload: ["value": 2])
    try await fixture.withHost { _ in try await fixture.untilAllEnded() }
    let job = try await fixture.job()
    #expect(job.failure?.kind == .transient)
    #expect(job.failure?.code == "batch_unanswered")
    #expect(job.failure?.fields["job"] == job.id.rawValue)
    #expect(try await fixture.jobs().last?.standing.state == .succeeded)
  }

  @Test("A job that is cancelled drops out of its batch, and the others are settled", arguments: Pair.allCases)
  func dropsOut(_ pair: Pair) async throws {
    let gate = Gate()
    let fixture = try HostFixture(pair, pipeline: Self.pipeline("{ size: 3, wait: 1m }")) { _, value in
      try await gate.pass()
      return value
    }
    try await fixture.emit(3)
    try await fixture.withHost(closing: false, gates: [gate]) { running in
      try await fixture.until { fixture.script.batches == [3] }
      try await fixture.cancelJob()
      fixture.time.advance(by: .seconds(5))
      try await fixture.until(beating: running.ticker) { fixture.metrics.value(of: MetricName.leasesLost) == 1 }
      gate.open()
      try await fixture.untilAllEnded()
    }
    #expect(try await fixture.jobs().map(\.standing.state) == [.cancelled, .succeeded, .succeeded])
    #expect(fixture.metrics.value(of: MetricName.staleWrites) == 0)
    await fixture.pair.close()
  }

  @Test("What gathers when the host stops is given back without an attempt spent", arguments: Pair.allCases)
  func isGivenBack(_ pair: Pair) async throws {
    let fixture = try HostFixture(pair, pipeline: Self.pipeline("{ size: 100, wait: 1m }"))
    try await fixture.emit(3)
    try await fixture.withHost(concurrency: 8, closing: false) { running in
      try await fixture.time.waitForSleepers(5)
      running.host.stop()
      running.ticker.beatFreely()
    }
    let standings = try await fixture.jobs().map(\.standing)
    #expect(standings.allSatisfy { $0.state == .queued && $0.attempts == 0 })
    #expect(fixture.script.batches == [])
    await fixture.pair.close()
  }

  @Test("Whatever comes when, every job is answered once, in batches that are no larger than told", arguments: 1...8)
  func holds(_ seed: UInt64) async throws {
    let random = SeededRandom(seed: seed)
    let wait = Duration.seconds(2 + Int(random.next() % 5))
    let size = 2 + Int(random.next() % 6)
    let fixture = try HostFixture(
      pipeline: Self.pipeline("{ size: \(size), wait: \(wait.components.seconds)s }"), seed: seed)
    let count = 40
    try await fixture.withHost(concurrency: 1 + Int(random.next() % 12)) { _ in
      var sent = 0
      while sent < count {
        let next = min(count - sent, 1 + Int(random.next() % 7))
        // With the clock at rest: a push must not come too late.
        try await fixture.emit(next)
        sent += next
        try await fixture.time.waitForSleepers(1)
        fixture.time.advance(by: .milliseconds(Int64(random.next() % 3000)))
      }
      try await fixture.whileTimePasses { try await fixture.untilAllEnded() }
    }
    let jobs = try await fixture.jobs()
    #expect(jobs.count == count, "seed \(seed)")
    #expect(jobs.allSatisfy { $0.standing.state == .succeeded && $0.standing.attempts == 1 }, "seed \(seed)")
    #expect(fixture.script.calls.count == count, "seed \(seed)")
    #expect(fixture.script.batches.allSatisfy { $0 <= size }, "seed \(seed)")
  }
}
