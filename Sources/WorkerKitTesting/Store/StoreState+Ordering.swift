internal import WorkerKit

/// A store's tables as the rules of ordering see them.
struct InMemoryOrderingRows: OrderingRows, Sendable {
  var state: StoreState
  let now: Timestamp

  func window(_ key: OrderingKey) -> CoalesceWindow? { state.windows[key] }

  mutating func keep(_ window: CoalesceWindow, of key: OrderingKey) {
    (state.windows[key], state.windowTimes[key]) = (window, now)
  }

  func head(of line: OrderingKey) -> RunID? { state.lines[line]?.first }

  mutating func enter(_ line: OrderingKey, run: RunID) {
    if state.lines[line]?.contains(run) != true { state.lines[line, default: []].append(run) }
  }

  mutating func leave(_ line: OrderingKey, run: RunID) {
    state.lines[line]?.removeAll { $0 == run }
    if state.lines[line]?.isEmpty == true { state.lines[line] = nil }
  }

  func leader(of execution: ExecutionKey) -> JobID? { state.executions[execution] }

  mutating func lead(_ execution: ExecutionKey, by job: JobID?) { state.executions[execution] = job }

  func followers(of execution: ExecutionKey) -> [JobID] {
    let followers = state.jobs.values.filter { job in
      job.tenant == execution.tenant && job.ordering?.execution == execution.key && job.standing.state.isLive
        && job.id != state.executions[execution]
    }
    return followers.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }.map(\.id)
  }

  func orderedJob(_ id: JobID) -> OrderedJob? { state.jobs[id].flatMap(OrderedJob.init) }

  func orderedJob(of run: RunID, stage: StageName) -> OrderedJob? {
    state.jobsByRun[run, default: []].compactMap { state.jobs[$0] }.first { $0.stage == stage }
      .flatMap(OrderedJob.init)
  }

  mutating func keep(_ standing: JobStanding, of job: JobID, result: JobID?) {
    state.jobs[job]?.standing = standing
    if let other = result.flatMap({ state.jobs[$0] }) {
      state.jobs[job]?.output = other.output
      state.jobs[job]?.artifacts = other.artifacts
      state.jobs[job]?.failure = other.failure
    }
    if !standing.state.isLive { state.noteEnd(of: job, at: now) }
  }
}

extension StoreState {
  /// Lets the rules of ordering work on these tables.
  mutating func order<Result>(
    at moment: Timestamp, _ body: (inout Ordering<InMemoryOrderingRows>) throws(DriverError) -> Result
  ) throws(DriverError) -> (result: Result, effects: OrderingEffects) {
    var ordering = Ordering(InMemoryOrderingRows(state: self, now: moment))
    // Emptied, so that the tables are held once and not copied by the first write.
    self = StoreState()
    defer { self = ordering.rows.state }
    let result = try body(&ordering)
    return (
      result,
      OrderingEffects(
        released: ordering.released, ended: ordering.withdrawn, endedRuns: ordering.takeEndedRuns())
    )
  }

  /// Writes down that a job ended without a host's doing.
  mutating func noteEnd(of id: JobID, at moment: Timestamp) {
    guard let job = jobs[id] else { return }
    attempts[id, default: []].append(
      AttemptRecord(
        job: id, fence: job.standing.fence, attempt: job.standing.attempts, holder: nil, host: nil,
        startedAt: job.standing.startedAt, finishedAt: moment, outcome: job.standing.state.rawValue.lowercased(),
        failure: job.failure))
  }
}

/// What the rules of ordering asked for.
struct OrderingEffects: Sendable {
  let released: [JobID]
  let ended: [JobID]
  let endedRuns: Set<RunID>
}

extension OrderedJob {
  /// Nil for a job that nothing orders.
  init?(_ job: Job) {
    guard let ordering = job.ordering, ordering.orders else { return nil }
    self.init(
      id: job.id, run: job.run, tenant: job.tenant, pipeline: job.pipeline, stage: job.stage, ordering: ordering,
      standing: job.standing, failure: job.failure)
  }
}
