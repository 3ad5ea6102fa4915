import Testing
import WorkerKit
import WorkerKitTesting

@Suite("A host: failures")
struct FailureTests {
  private static let unwell = Failure(.transient, "unwell", "It may work later.")

  @Test(
    "A transient failure is tried again under a new fence, within the policy's bounds", .timeLimit(.minutes(5)),
    arguments: Pair.allCases)
  func retries(_ pair: Pair) async throws {
    let fixture = try HostFixture(pair) { context, value in
      if context.attempt == 1 { throw Self.unwell }
      return value
    }
    try await fixture.emit()
    try await fixture.withHost(closing: false) { _ in
      try await fixture.untilQueued(under: 2)
      let waiting = try await fixture.job()
      #expect(waiting.standing.attempts == 1 && waiting.failure == Self.unwell)
      let wait = waiting.standing.dueAt - fixture.time.now
      #expect(wait >= .zero && wait <= .seconds(1))
      #expect(fixture.script.calls.count == 1)
      try await fixture.whileLaneWaits { try await fixture.untilJob(is: .succeeded) }
    }
    let job = try await fixture.job()
    #expect(job.standing.attempts == 2 && job.failure == nil)
    #expect(fixture.script.calls.map(\.fence.rawValue) == [1, 2])
    #expect(fixture.script.calls.map(\.attempt) == [1, 2])
    #expect(try await fixture.history() == ["retry", "succeeded"])
    #expect(fixture.metrics.value(of: MetricName.retries, "test.step", "unwell") == 1)
    await fixture.pair.close()
  }

  @Test("Attempts that are spent make a dead letter", .timeLimit(.minutes(5)))
  func spendsAttempts() async throws {
    let fixture = try HostFixture { _, _ in throw Self.unwell }
    try await fixture.emit()
    try await fixture.withHost { _ in
      try await fixture.untilQueued(under: 2)
      try await fixture.whileLaneWaits { try await fixture.untilJob(is: .failed) }
    }
    let job = try await fixture.job()
    #expect(job.standing.attempts == 3 && job.failure == Self.unwell)
    #expect(try await fixture.history() == ["retry", "retry", "failed"])
    #expect(try await fixture.pair.store.deadLetterCount() == 1)
    #expect(try await fixture.pair.store.run(job.run)?.standing.state == .failed)
  }

  @Test(
    "Failures that time does not heal are dead letters at once", .timeLimit(.minutes(5)),
    arguments: [.permanent, .poison, .crash] as [FailureKind])
  func diesAtOnce(_ kind: FailureKind) async throws {
    let failure = Failure(kind, "broken", "It will never work.", fields: ["signal": "SIGSEGV"])
    let fixture = try HostFixture { _, _ in throw failure }
    try await fixture.emit()
    try await fixture.withHost { _ in try await fixture.untilJob(is: .failed) }
    #expect(try await fixture.job().failure == failure)
    #expect(fixture.script.calls.count == 1)
    #expect(fixture.metrics.value(of: MetricName.crashes, "test.step") == (kind == .crash ? 1 : 0))
  }

  @Test("An error that the worker did not classify is transient, named by its type alone", .timeLimit(.minutes(5)))
  func unclassified() async throws {
    struct Surprise: Error { let secret = "s3cret" }
    let fixture = try HostFixture(pipeline: TestPipeline.single(attempts: 1)) { _, _ in throw Surprise() }
    try await fixture.emit()
    try await fixture.withHost { _ in try await fixture.untilJob(is: .failed) }
    let failure = try #require(try await fixture.job().failure)
    #expect(failure.kind == .transient && failure.code == "unclassified")
    #expect(failure.fields == ["error_type": "Surprise"])
  }

  @Test("A worker that throws a cancellation of its own spends attempts", .timeLimit(.minutes(5)))
  func cancelsItself() async throws {
    let fixture = try HostFixture(pipeline: TestPipeline.single(attempts: 1)) { _, _ in throw CancellationError() }
    try await fixture.emit()
    try await fixture.withHost { _ in try await fixture.untilJob(is: .failed) }
    #expect(try await fixture.job().failure?.code == "cancelled_by_itself")
    #expect(fixture.script.calls.count == 1)
  }

  @Test("A reference that leads nowhere is a dead letter that names it; the worker never runs", .timeLimit(.minutes(5)))
  func unresolvedReference() async throws {
    let fixture = try HostFixture()
    try await fixture.emit(payload: ["other": 1])
    try await fixture.withHost { _ in try await fixture.untilJob(is: .failed) }
    let failure = try #require(try await fixture.job().failure)
    #expect(failure.kind == .permanent && failure.code == "unresolved_reference")
    #expect(failure.fields["reference"]?.contains("event.payload.value") == true)
    #expect(fixture.script.calls.isEmpty)
  }

  @Test("Options that the worker does not accept are a dead letter that names the option", .timeLimit(.minutes(5)))
  func invalidOptions() async throws {
    let fixture = try HostFixture(pipeline: TestPipeline.single(with: ", strict: much"))
    try await fixture.emit()
    try await fixture.withHost { _ in try await fixture.untilJob(is: .failed) }
    let failure = try #require(try await fixture.job().failure)
    #expect(failure.kind == .permanent && failure.code == "invalid_options" && failure.fields["option"] == "strict")
    #expect(fixture.script.calls.isEmpty)
  }

  @Test("An output over 1 MiB is refused, one of exactly 1 MiB is kept", .timeLimit(.minutes(5)))
  func largeOutput() async throws {
    // {"value":"…"} has 12 bytes around the text.
    let fixture = try HostFixture { _, value in
      guard case .integer(let length) = value else { return .null }
      return .string(String(repeating: "x", count: Int(length)))
    }
    try await fixture.emit(payload: ["value": .integer(1024 * 1024 - 12)])
    try await fixture.emit(payload: ["value": .integer(1024 * 1024 - 11)])
    try await fixture.withHost { _ in try await fixture.untilAllEnded() }
    let jobs = try await fixture.jobs()
    #expect(jobs.map(\.standing.state) == [.succeeded, .failed])
    #expect(jobs[0].output?.count == 1024 * 1024)
    #expect(jobs[1].failure?.code == "output_too_large" && jobs[1].output == nil)
  }

  @Test("Attempts survive a queue that is wiped", .timeLimit(.minutes(5)), arguments: Pair.allCases)
  func attemptsSurviveWipe(_ pair: Pair) async throws {
    let fixture = try HostFixture(pair) { _, _ in throw Self.unwell }
    try await fixture.emit()
    try await fixture.withHost(closing: false) { _ in
      try await fixture.untilQueued(under: 2)
      let (store, queue) = (fixture.pair.store, fixture.pair.queue)
      let epoch = try await store.advanceEpoch()
      try await queue.open(epoch)
      let page = try await store.refill(in: epoch, after: nil, limit: 10)
      try await Courier(store: store, queue: queue).deliver(page.handoff)
      #expect(try await fixture.job().standing.attempts == 1)
      try await fixture.whileLaneWaits { try await fixture.untilJob(is: .failed) }
    }
    #expect(fixture.script.calls.map(\.attempt) == [1, 2, 3])
    #expect(try await fixture.job().standing.attempts == 3)
    await fixture.pair.close()
  }
}
