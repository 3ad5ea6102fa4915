import SQLiteDriver
import Testing
import WorkerKit
import WorkerKitTesting

/// A pair of drivers that fails on demand, a pipeline, a script for its workers, and a clock that stands still.
final class HostFixture: Sendable {
  let time: ManualTime
  let environment: Environment
  let pair: SeamPair
  let store: FaultyStore
  let queue: FaultyQueue
  let set: PipelineSet
  let script: Script
  let metrics = Metrics()
  let emitted = Signal()
  let objects = MemoryObjects()
  /// Where the hosts of this test run isolated jobs; nowhere unless the test says so.
  let isolated = Shared<(any IsolatedRunner)?>(nil)
  /// False where the worker of a step has to be in the host's own process.
  let isIsolable = Shared(true)
  /// What hosts and desks of this test make and check the tokens of callbacks with; nil where none can arrive.
  let callbacks = Shared(CallbackKey([UInt8](repeating: 7, count: CallbackKey.byteCount)))
  /// Raised whenever a verb has answered or a worker was called, cancelled or has ended.
  let changes: Signal

  convenience init(
    _ pair: Pair = .inMemory, pipeline: String = TestPipeline.single(), seed: UInt64 = 1,
    step: @escaping Script.Step = { _, value in value }
  ) throws {
    let environment = Environment.test(seed: seed)
    try self.init(pair: try pair.open(environment), pipeline: pipeline, environment: environment, step: step)
  }

  /// A fixture on the file at `path`, which others may use at the same time.
  convenience init(
    sharing path: String, seed: UInt64, time: ManualTime = ManualTime(), step: @escaping Script.Step
  ) throws {
    let environment = Environment.test(seed: seed, time: time)
    let embedded = try SQLiteEmbedded(path: path, environment: environment)
    let pair = SeamPair(store: embedded.store, queue: embedded.queue) { await embedded.database.close() }
    try self.init(pair: pair, pipeline: TestPipeline.single(), environment: environment, step: step)
  }

  private init(
    pair: SeamPair, pipeline: String, environment: Environment, step: @escaping Script.Step
  ) throws {
    self.environment = environment
    self.pair = pair
    time = try #require(environment.time as? ManualTime)
    changes = Signal()
    store = FaultyStore(pair.store, answered: changes)
    queue = FaultyQueue(pair.queue, answered: changes)
    script = Script(changes: changes, step: step)
    let (set, problems) = PipelineSet.load(files: [("test.yaml", pipeline)], registry: nil)
    guard problems.isEmpty else { throw PipelineFileError(problems: problems) }
    self.set = set
  }

  /// The workers that a host of this test knows.
  func registry(other: Bool = false) throws -> WorkerRegistry {
    var registry = WorkerRegistry()
    try registry.register(StepWorker(script: script), isIsolable: isIsolable.withLock { $0 })
    try registry.register(ManyWorker(script: script))
    if other { try registry.register(OtherWorker(script: script)) }
    return registry
  }

  /// Records `count` events, routes them, and pushes their jobs.
  func emit(
    _ count: Int = 1, payload: JSON = ["value": 7], activating: Bool = true, traceParent: String? = nil
  ) async throws {
    if activating { _ = try await pair.store.activate(set.revisions) }
    // Ids of one millisecond are in no order.
    time.advance(by: .milliseconds(1))
    let events = (0..<count).map { _ in
      EventEnvelope(
        id: EventID(environment.id()), type: "Started", occurredAt: time.now, tenant: "acme", traceParent: traceParent,
        payload: payload)
    }
    _ = try await pair.store.record(events)
    try await route()
  }

  /// Routes what waits and pushes what follows.
  func route() async throws {
    let planner = Planner(registry: try registry(other: true), environment: environment)
    let plan = PipelineLibrary().routePlanner(set, planner: planner)
    let result = try await pair.store.route(limit: 1000, plan: plan)
    try await Courier(store: pair.store, queue: pair.queue).deliver(result.handoff)
  }

  /// Every job, oldest first.
  func jobs() async throws -> [Job] { try await pair.store.jobs(JobFilter(limit: 1000)).reversed() }

  /// The first job.
  func job() async throws -> Job { try #require(try await jobs().first) }

  /// What was reported of the first job; pages of jobs leave it out.
  func progress() async throws -> JobProgress? { try await pair.store.job(job().id)?.progress }

  /// The words of what happened to the first job, oldest first.
  func history() async throws -> [String] { try await pair.store.attempts(of: job().id).map(\.outcome) }

  /// Returns when `isSo`; asked again after every change.
  func until(_ isSo: () async throws -> Bool) async throws {
    while true {
      let seen = changes.count
      if try await isSo() { return }
      try Task.checkCancellation()
      await changes.wait(after: seen)
    }
  }

  /// Beats, without moving the clock, until `isSo`.
  func until(beating ticker: ManualTicker, _ isSo: () async throws -> Bool) async throws {
    while try await !isSo() { try await ticker.beat() }
  }

  /// Gives the first job a new fence behind its holder's back, as a reconciler does when a lease has run out.
  func reissueJob() async throws {
    let job = try await job()
    let result = try await pair.store.reissue([FencedJob(job: job.id, fence: job.standing.fence)], because: .lost)
    try await Courier(store: pair.store, queue: pair.queue).deliver(result.handoff)
  }

  /// Cancels the first job as a person does: in the store, and then in the queue, where that is told.
  func cancelJob(revoking: Bool = true) async throws {
    let request = CancelRequest(.job(try await job().id), by: "ann", reason: "It is not wanted.")
    let result = try await pair.store.cancel([request]) { _ in RunPlan(state: .succeeded) }
    try await Courier(store: pair.store, queue: pair.queue).deliver(result.handoff)
    if revoking { _ = try await pair.queue.revoke(result.jobs) }
    changes.raise()
  }

  /// Leases the first job and parks it, as a host does that lacks its worker.
  func parkJob() async throws {
    let request = LeaseRequest(queue: .standard, limit: 1, length: .seconds(15), host: "host-0", wait: .zero)
    let lease = try #require(try await pair.queue.lease(request).first)
    let settlement = Settlement(
      authority: lease.authority, outcome: .parked(waitingFor: "worker"), host: "host-0", startedAt: nil)
    _ = try await pair.store.settle([settlement]) { _ in RunPlan() }
    _ = try await pair.queue.finish([lease.authority])
  }

  /// Returns when the first job has come to `state`.
  func untilJob(is state: JobState) async throws {
    try await until { try await job().standing.state == state }
  }

  /// Returns when every job has ended.
  func untilAllEnded() async throws {
    try await until { try await jobs().allSatisfy { !$0.standing.state.isLive } }
  }

  /// Returns when the first job waits in the queue under `fence`.
  func untilQueued(under fence: Int64) async throws {
    try await until {
      let job = try await job()
      guard job.standing.fence.rawValue == fence else { return false }
      return try await pair.queue.known([FencedJob(job: job.id, fence: job.standing.fence)]) == [.waiting]
    }
  }

  /// Does `body` while time passes. In a pair of two parts a push comes too late after 30 s.
  func whileTimePasses(_ body: @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await self.passTime() }
      defer { group.cancelAll() }
      try await body()
    }
  }

  /// Does `body` while time passes, whenever the one lane of the one host waits for work and every living job waits in
  /// its queue: however slow the machine is, no push is late and no time is spent before it is waited for. With
  /// `leavingLeased`, jobs that nobody settles any more are not waited for.
  ///
  /// One long step would not do: a lane that looked at the clock before it, and sleeps after it, would sleep for ever.
  /// For the same reason a `limit` must lie beyond all that `body` waits for.
  func whileLaneWaits(
    atMost limit: Duration = .seconds(100_000), leavingLeased: Bool = false, _ body: @Sendable () async throws -> Void
  ) async throws {
    let end = time.monotonic + limit
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        while self.time.monotonic < end {
          if !leavingLeased { try await self.until(self.everyJobWaits) }
          // The other sleeper is the host, until its next announcement.
          try await self.time.waitForSleepers(2)
          self.time.advance(by: .seconds(1))
          await Task.yield()
        }
      }
      defer { group.cancelAll() }
      try await body()
    }
  }

  /// True when the queue has every living job, under the fence that the store knows, and nobody has leased one.
  private func everyJobWaits() async throws -> Bool {
    let living = try await jobs().filter { $0.standing.state.isLive }
    let known = try await pair.queue.known(living.map { FencedJob(job: $0.id, fence: $0.standing.fence) })
    return known.allSatisfy { $0 == .waiting }
  }

  /// Moves the clock on a second whenever somebody sleeps, until cancelled.
  func passTime() async {
    while (try? await time.waitForSleepers()) != nil {
      time.advance(by: .seconds(1))
      await Task.yield()
    }
  }
}
