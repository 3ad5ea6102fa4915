internal import WorkerKit

/// Orders of a few customers, each of which takes a turn in two stages, while hosts, dispatchers and people come and
/// go.
struct TurnSimulation {
  /// An order: a run of two stages, one after the other.
  private struct Order {
    let run: RunID
    let key: String
    let onDead: SerialPolicy.OnDead
    let sequence: Int64
  }

  /// A stage of a run.
  private struct Place: Hashable {
    let run: RunID
    let stage: StageName
  }

  static let first: StageName = "take"
  static let second: StageName = "give"

  let bench: SeamBench
  private let rounds: Int
  private var crew: OrderedCrew
  private var orders: [RunID: Order] = [:]
  private var unwanted: Set<RunID> = []
  /// Where a turn was given up, and another may have been taken at the end of the line.
  private var lost: Set<Place> = []

  init(_ bench: SeamBench, rounds: Int) {
    self.bench = bench
    self.rounds = rounds
    crew = OrderedCrew(bench, route: Self.route, next: Self.next)
  }

  /// Plays everything, lets all of it come to an end, and checks what is left.
  mutating func run() async throws {
    for _ in 0..<rounds {
      if crew.chance(of: 2) == 0 { try await order() }
      if crew.chance(of: 3) > 0 { try await note(crew.routeAtOnce()) }
      for _ in 0..<12 { try await note(crew.step()) }
      if crew.chance(of: 12) == 0 { try await cancel() }
      bench.time.advance(by: .milliseconds(Int64(crew.chance(of: crew.chance(of: 10) == 0 ? 40_000 : 1500))))
    }
    try await crew.routeAll()
    crew.die()
    try await finish()
    try await check()
  }

  private mutating func finish() async throws {
    // Each may have to wait for all before it, twice.
    for _ in 0..<(4 * orders.count + 20) {
      let (happenings, isOver) = try await crew.workInOrder()
      try await note(happenings)
      // What was pushed again of jobs that have ended is found and forgotten.
      if isOver { return try await note(crew.workInOrder().happenings) }
    }
    throw CheckFailure("Nothing waits for ever: \(try await crew.liveJobs()) have not ended.")
  }

  /// Takes orders in, by two dispatchers at once.
  private mutating func order() async throws {
    var events: [EventEnvelope] = []
    for _ in 0..<(1 + crew.chance(of: 5)) {
      let key = crew.chance(of: 4)
      events.append(
        EventEnvelope(
          id: EventID(bench.environment.id()), type: "Ordered", occurredAt: bench.time.now, tenant: SeamBench.tenant,
          payload: ["key": .string("customer-\(key)"), "on_dead": key % 2 == 0 ? "skip" : "block"]))
    }
    let (early, late) = (Array(events.prefix(2)), Array(events.dropFirst(2)))
    async let first = bench.store.record(early)
    async let second = bench.store.record(late)
    _ = try await (first, second)
    for event in events {
      let record = try require(
        try await bench.store.events(id: event.id, tenant: nil).first, "A recorded event can be read.")
      guard let (key, onDead) = Self.terms(event.payload) else { continue }
      let run = RunID(event.id.rawValue)
      orders[run] = Order(run: run, key: key, onDead: onDead, sequence: record.sequence)
    }
  }

  /// A person wants an order no more, or one stage of it.
  private mutating func cancel() async throws {
    guard let order = orders.values.sorted(by: { $0.sequence < $1.sequence }).randomElement(crew.chance) else { return }
    let live = try await bench.store.jobs(of: order.run).first { $0.standing.state.isLive }
    guard let live else { return }
    unwanted.insert(order.run)
    if crew.chance(of: 2) == 0 { return try await crew.cancel(.run(order.run)) }
    if live.stage == Self.first { lost.insert(Place(run: order.run, stage: Self.second)) }
    try await crew.cancel(.job(live.id))
  }
}

/// What must be so all the time, and in the end.
extension TurnSimulation {
  private mutating func note(_ happenings: [OrderedCrew.Happening]) async throws {
    for happening in happenings {
      switch happening {
      case .granted(let job): try await checkTurn(of: job)
      case .settled(let job, .failed):
        guard let order = orders[job.run] else { continue }
        if job.stage == Self.first { lost.insert(Place(run: job.run, stage: Self.second)) }
        if order.onDead == .skip { lost.insert(Place(run: job.run, stage: job.stage)) }
      case .outdated: throw CheckFailure("Nothing is out of date where there are no windows.")
      case .settled, .wrote, .replayed: continue
      }
    }
  }

  /// Whoever was accepted before, and has not given up its turn, has had it.
  private func checkTurn(of job: Job) async throws {
    let mine = try require(orders[job.run], "Only orders have jobs.")
    guard !lost.contains(Place(run: job.run, stage: job.stage)) else { return }
    for other in orders.values where other.key == mine.key && other.sequence < mine.sequence {
      guard !lost.contains(Place(run: other.run, stage: job.stage)) else { continue }
      try expect(
        try await !isAhead(other, at: job.stage),
        "In accepted order: \(job.id) has begun before stage \(job.stage) of \(other.run) has ended.")
    }
  }

  private func isAhead(_ order: Order, at stage: StageName) async throws -> Bool {
    guard let run = try await bench.store.run(order.run) else { return false }
    if run.standing.state == .cancelled { return false }
    let jobs = try await bench.store.jobs(of: order.run)
    guard let job = jobs.first(where: { $0.stage == stage }) else {
      return run.standing.state == .running
    }
    return job.standing.state.isLive || (job.standing.state.isDead && order.onDead == .block)
  }

  private func check() async throws {
    for order in orders.values {
      let run = try require(try await bench.store.run(order.run), "Each order has a run.")
      try expect(run.standing.state != .running, "Every run has ended.")
      let jobs = try await bench.store.jobs(of: order.run)
      for job in jobs {
        let outcomes = try await bench.store.attempts(of: job.id).map(\.outcome)
        let end = job.standing.state.rawValue.lowercased()
        try expect(outcomes.last, is: end, "Nothing happens to a job after its end.")
        try expect(outcomes.count { $0 == "succeeded" } <= 1, "A job succeeds once.")
      }
      guard !unwanted.contains(order.run) else { continue }
      try expect(jobs.map(\.stage), is: [Self.first, Self.second], "Each order went through both stages.")
      try expect(jobs.map(\.standing.state), is: [.succeeded, .succeeded], "Each has had its turn.")
    }
    try await bench.expectEmpty("Every turn was had.")
  }
}

/// What the pipeline says.
extension TurnSimulation {
  private static let route: RoutePlanner = { event in
    guard let (key, onDead) = terms(event.payload) else { throw PlanFailure() }
    let run = RunID(event.id.rawValue)
    return [
      NewRun(
        id: run, pipeline: SeamBench.pipeline, revision: SeamBench.revision,
        plan: RunPlan(jobs: [job(first, of: run, key, onDead)]),
        turns: [Turn(stage: first, key: key), Turn(stage: second, key: key)])
    ]
  }

  private static let next: SettlePlanner = { run in
    guard let (key, onDead) = terms(try JSONReader.parse(try run.event)["payload"]) else { throw PlanFailure() }
    guard let start = run.stages[first], run.stages[second] == nil, !start.state.isLive else {
      return RunPlan(state: Plans.state(of: run))
    }
    if start.state == .succeeded { return RunPlan(jobs: [job(second, of: run.id, key, onDead)]) }
    return RunPlan(
      state: Plans.state(of: run), idle: [second: IdleStage(.cancelled, reason: "Its need did not succeed.")],
      freed: [Turn(stage: second, key: key)])
  }

  private static func job(_ stage: StageName, of run: RunID, _ key: String, _ onDead: SerialPolicy.OnDead) -> NewJob {
    var job = NewJob(
      id: JobID("\(run)-\(stage)"), stage: stage, worker: "checks.work", queue: .standard,
      input: .resolved(Array("{}".utf8)))
    job.ordering = .turn(key, onDead: onDead)
    job.lease = .seconds(2)
    return job
  }

  private static func terms(_ payload: JSON?) -> (key: String, onDead: SerialPolicy.OnDead)? {
    guard case .string(let key)? = payload?["key"], case .string(let word)? = payload?["on_dead"],
      let onDead = SerialPolicy.OnDead(rawValue: word)
    else { return nil }
    return (key, onDead)
  }
}

extension Array {
  /// One of them, as `chance` has it.
  fileprivate func randomElement(_ chance: (Int) -> Int) -> Element? { isEmpty ? nil : self[chance(count)] }
}
