import Synchronization
import Testing
import WorkerKit
import WorkerKitTesting

@testable import TracingDriver

@Suite("A host: attempts that wait for a callback", .timeLimit(.minutes(5)))
struct CallbackTests {
  /// The tokens that workers were handed.
  private let tokens = Shared<[String]>([])

  /// A worker that waits ten minutes for the answer to the value 1, and returns any other value.
  private func fixture(_ pair: Pair = .inMemory, pipeline: String = TestPipeline.single(attempts: 2)) throws
    -> HostFixture
  {
    try HostFixture(pair, pipeline: pipeline) { [tokens] context, value in
      guard value == 1 else { return value }
      if let callback = context.callback { tokens.withLock { $0.append(callback.token) } }
      throw AwaitCallback(within: .seconds(600))
    }
  }

  private func desk(_ fixture: HostFixture, tracer: OTLPTracer? = nil) throws -> CallbackDesk {
    CallbackDesk(services: try fixture.services(tracer: tracer), key: try key(fixture))
  }

  private func key(_ fixture: HostFixture) throws -> CallbackKey { try #require(fixture.callbacks.withLock { $0 }) }

  private func token(_ index: Int = 0) throws -> String { try #require(tokens.withLock { $0 }.dropFirst(index).first) }

  private func untilAwaiting(_ fixture: HostFixture) async throws {
    try await fixture.until { try await fixture.jobs().first?.standing.awaitsCallback == true }
  }

  /// Returns when the queue has the deadline of the answer.
  private func untilPushed(_ fixture: HostFixture) async throws {
    try await fixture.until { try await fixture.pair.queue.depths().contains { $0.waiting == 1 } }
  }

  @Test("The slot is free meanwhile, and the answer is the output of the job", arguments: Pair.allCases)
  func settles(_ pair: Pair) async throws {
    let spans = Shared<[FinishedSpan]>([])
    let fixture = try fixture(pair, pipeline: TestPipeline.chain)
    let tracer = OTLPTracer(environment: fixture.environment) { span in spans.withLock { $0.append(span) } }
    try await fixture.emit(payload: ["value": 1])
    try await fixture.withHost(concurrency: 1, closing: false, tracer: tracer) { _ in
      try await untilAwaiting(fixture)
      #expect(try await fixture.history() == ["awaiting"])
      // An answer that comes before the push of the deadline leaves an entry that is dropped when it is due.
      try await untilPushed(fixture)
      let receipt = try await desk(fixture, tracer: tracer).receive(
        .output(["value": 5]), for: fixture.job().id, token: token())
      #expect(receipt == .settled(.succeeded(output: Array(#"{"value":5}"#.utf8), artifacts: [])))
      fixture.changes.raise()
      try await fixture.until { try await fixture.jobs().count == 2 }
      try await fixture.untilAllEnded()
    }
    let jobs = try await fixture.jobs()
    #expect(jobs.map(\.standing.state) == [.succeeded, .succeeded])
    #expect(jobs.map(\.standing.attempts) == [1, 1])
    #expect(jobs.last?.output == Array(#"{"value":5}"#.utf8))
    #expect(try await fixture.history() == ["awaiting", "succeeded"])
    #expect(fixture.script.calls.count == 2)
    #expect(try await fixture.pair.queue.depths() == [])
    let names = spans.withLock { $0.map(\.name) }
    #expect(names.filter { $0 == "job chain.first" }.count == 1)
    #expect(names.filter { $0 == "attempt chain.first" }.count == 2)
    #expect(names.contains("create Finished"))
    await fixture.pair.close()
  }

  @Test("A failure is decided on as the worker's own: tried again, or a dead letter", arguments: Pair.allCases)
  func fails(_ pair: Pair) async throws {
    let fixture = try fixture(pair, pipeline: TestPipeline.single(attempts: 5))
    try await fixture.emit(payload: ["value": 1])
    try await fixture.withHost(closing: false) { _ in
      try await untilAwaiting(fixture)
      let desk = try desk(fixture)
      let busy = Failure(.transient, "busy", "It is busy.")
      let receipt = try await desk.receive(.failure(busy), for: fixture.job().id, token: token())
      guard case .settled(.retry(busy, _)) = receipt else { throw UnexpectedReceipt(receipt: receipt) }
      #expect(try await fixture.job().standing.attempts == 1)
      try await fixture.whileLaneWaits {
        try await fixture.until { tokens.withLock { $0.count } == 2 }
        try await untilAwaiting(fixture)
      }
      let missing = Failure(.permanent, "not_found", "There is no such thing.")
      #expect(
        try await desk.receive(.failure(missing), for: fixture.job().id, token: token(1))
          == .settled(.failed(missing)))
    }
    #expect(try await fixture.job().standing.state == .failed)
    #expect(try await fixture.history() == ["awaiting", "retry", "awaiting", "failed"])
    await fixture.pair.close()
  }

  @Test("An answer that does not come is a deadline failure without a run of the worker", arguments: Pair.allCases)
  func isMissed(_ pair: Pair) async throws {
    let fixture = try fixture(pair)
    try await fixture.emit(payload: ["value": 1])
    try await fixture.withHost(closing: false) { _ in
      try await untilAwaiting(fixture)
      try await fixture.whileLaneWaits(atMost: .seconds(598)) {
        try await fixture.until { fixture.time.monotonic >= .seconds(590) }
      }
      #expect(try await fixture.job().standing.awaitsCallback)
      try await fixture.whileLaneWaits { try await fixture.untilJob(is: .timedOut) }
    }
    let job = try await fixture.job()
    #expect(job.failure?.code == "callback_missed")
    #expect(job.standing.attempts == 2)
    #expect(fixture.script.calls.count == 2)
    #expect(try await fixture.history() == ["awaiting", "retry", "awaiting", "timed_out"])
    await fixture.pair.close()
  }

  @Test(
    "Over a restart and an emptied queue an answer is taken, and one that does not come is missed",
    arguments: Pair.allCases, [false, true])
  func survives(_ pair: Pair, isAnswered: Bool) async throws {
    let fixture = try fixture(pair, pipeline: TestPipeline.single(attempts: 1))
    try await fixture.emit(payload: ["value": 1])
    try await fixture.withHost(closing: false) { _ in try await untilAwaiting(fixture) }
    let epoch = try await fixture.pair.store.advanceEpoch()
    try await fixture.pair.queue.open(epoch)
    let page = try await fixture.pair.store.refill(in: epoch, after: nil, limit: 100)
    try await Courier(store: fixture.pair.store, queue: fixture.pair.queue).deliver(page.handoff)
    if isAnswered {
      let receipt = try await desk(fixture).receive(.output([:]), for: fixture.job().id, token: token())
      #expect(receipt == .settled(.succeeded(output: Array("{}".utf8), artifacts: [])))
    }
    try await fixture.withHost(id: "host-2", closing: false) { _ in
      try await fixture.whileLaneWaits {
        try await fixture.untilAllEnded()
        try await fixture.until { try await fixture.pair.queue.depths() == [] }
      }
    }
    #expect(try await fixture.job().standing.state == (isAnswered ? .succeeded : .timedOut))
    #expect(fixture.script.calls.count == 1)
    await fixture.pair.close()
  }

  @Test("A second answer, an early one, one for another job and an old token are refused")
  func refuses() async throws {
    let fixture = try fixture(pipeline: TestPipeline.single(attempts: 5))
    try await fixture.emit(payload: ["value": 1])
    let desk = try desk(fixture)
    try await fixture.withHost { _ in
      try await untilAwaiting(fixture)
      let job = try await fixture.job().id
      let other = try key(fixture).token(for: FencedJob(job: "other", fence: .first))
      #expect(desk.admits(try token(), for: job))
      #expect(!desk.admits(other, for: job))
      #expect(try await desk.receive(.output([:]), for: job, token: other) == .over)
      let large = JSON.object(["text": .string(String(repeating: "a", count: 1 << 20))])
      #expect(try await desk.receive(.output(large), for: job, token: token()) == .tooLarge)
      let busy = Failure(.transient, "busy", "It is busy.")
      _ = try await desk.receive(.failure(busy), for: job, token: token())
      // Nothing waits, and then another attempt does.
      #expect(try await desk.receive(.output([:]), for: job, token: token()) == .over)
      let fence = try await fixture.job().standing.fence
      let early = try key(fixture).token(for: FencedJob(job: job, fence: fence))
      #expect(try await desk.receive(.output([:]), for: job, token: early) == .early)
      try await fixture.whileLaneWaits {
        try await fixture.until { tokens.withLock { $0.count } == 2 }
        try await untilAwaiting(fixture)
      }
      #expect(try await desk.receive(.output([:]), for: job, token: token()) == .over)
      #expect(try await fixture.job().standing.awaitsCallback)
      guard case .settled = try await desk.receive(.output([:]), for: job, token: token(1)) else {
        throw UnexpectedReceipt(receipt: .over)
      }
      #expect(try await desk.receive(.output([:]), for: job, token: token(1)) == .over)
    }
    #expect(fixture.metrics.value(of: MetricName.staleWrites) == 0)
  }

  @Test("Of two answers at the same time one is recorded", arguments: Pair.allCases)
  func records(_ pair: Pair) async throws {
    let fixture = try fixture(pair)
    try await fixture.emit(payload: ["value": 1])
    try await fixture.withHost(closing: false) { _ in
      try await untilAwaiting(fixture)
      let (desk, job) = (try desk(fixture), try await fixture.job().id)
      let token = try token()
      fixture.store.faults.hold(.settle)
      async let first = desk.receive(.output(["value": 1]), for: job, token: token)
      async let second = desk.receive(.output(["value": 2]), for: job, token: token)
      // The host's own, and these two.
      try await fixture.store.faults.waitForCalls(of: .settle, count: 3)
      fixture.store.faults.release(.settle)
      let receipts = try await [first, second]
      #expect(receipts.count { $0 == .over } == 1)
    }
    #expect(try await fixture.history() == ["awaiting", "succeeded"])
    await fixture.pair.close()
  }

  @Test("A cancelled job takes no answer", arguments: Pair.allCases)
  func isCancelled(_ pair: Pair) async throws {
    let fixture = try fixture(pair)
    try await fixture.emit(payload: ["value": 1])
    try await fixture.withHost(closing: false) { _ in
      try await untilAwaiting(fixture)
      try await untilPushed(fixture)
      try await fixture.cancelJob()
      #expect(try await desk(fixture).receive(.output([:]), for: fixture.job().id, token: token()) == .over)
    }
    #expect(try await fixture.job().standing.state == .cancelled)
    #expect(try await fixture.pair.queue.depths() == [])
    await fixture.pair.close()
  }

  @Test("Without a key a worker is told that no callback can arrive")
  func isUnavailable() async throws {
    let fixture = try fixture()
    fixture.callbacks.withLock { $0 = nil }
    try await fixture.emit(payload: ["value": 1])
    try await fixture.withHost { _ in try await fixture.untilJob(is: .failed) }
    #expect(try await fixture.job().failure?.code == "callback_unavailable")
    #expect(tokens.withLock { $0 } == [])
  }
}

/// What a desk answered that the test did not expect.
private struct UnexpectedReceipt: Error {
  let receipt: CallbackReceipt
}
