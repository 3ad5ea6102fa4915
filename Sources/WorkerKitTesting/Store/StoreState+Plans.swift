internal import WorkerKit

/// What a transaction has still to see to, and what it will hand over.
struct RunWork: Sendable {
  /// Runs in which a job has ended: to be planned.
  var runs: Set<RunID> = []
  /// Jobs with an ordering that have a new standing, of which the rules have not been told.
  var ordered: [JobID] = []
  /// Jobs that may be leased.
  var pushes: [JobID] = []
  /// How many emitted events are new.
  var emitted = 0
  /// Jobs that ended without a host's doing.
  var ended: [JobID] = []
  /// Turns that runs need no more.
  var freed: [(line: OrderingKey, run: RunID)] = []
}

extension StoreState {
  /// Does something as a whole or not at all.
  mutating func transact<Result>(
    _ body: (inout StoreState) throws(DriverError) -> Result
  ) throws(DriverError) -> Result {
    var copy = self
    let result = try body(&copy)
    self = copy
    return result
  }

  /// Plans run after run until nothing has ended any more.
  mutating func advance(_ work: inout RunWork, next: SettlePlanner, at moment: Timestamp) throws(DriverError) {
    try tellOrdering(&work, at: moment)
    while let run = work.runs.min() {
      work.runs.remove(run)
      guard let snapshot = snapshot(of: run), runs[run]?.record.standing.state != .cancelled else { continue }
      try carryOut(try InMemoryStore.planning { try next(snapshot) }, for: run, &work, at: moment)
    }
  }

  /// Does what a plan asks for.
  mutating func carryOut(
    _ plan: RunPlan, for run: RunID, _ work: inout RunWork, at moment: Timestamp
  ) throws(DriverError) {
    guard var stored = runs[run] else { return }
    stored.record = stored.record.planned(plan, at: moment)
    runs[run] = stored
    let created = insert(plan, into: stored, at: moment)
    work.pushes += created
    work.emitted += plan.emits.count { insert($0, at: moment) == .accepted }
    let ordered = created.filter { (jobs[$0]?.ordering).orders }
    guard !ordered.isEmpty || !plan.freed.isEmpty else { return }
    let effects = try order(at: moment) { ordering throws(DriverError) in
      for job in ordered { try ordering.created(job) }
      for turn in plan.freed {
        let line = OrderingKey(
          tenant: stored.record.tenant, pipeline: stored.record.pipeline, stage: turn.stage, key: turn.key)
        try ordering.freed(line, run: run)
      }
    }.effects
    work.take(effects)
  }

  private mutating func tellOrdering(_ work: inout RunWork, at moment: Timestamp) throws(DriverError) {
    guard !work.ordered.isEmpty || !work.freed.isEmpty else { return }
    let (changed, freed) = (work.ordered, work.freed)
    let effects = try order(at: moment) { ordering throws(DriverError) in
      try ordering.tell(of: changed, freed: freed)
    }.effects
    (work.ordered, work.freed) = ([], [])
    work.take(effects)
  }

  /// The jobs that ended without a host's doing, as they stand.
  func ended(by work: RunWork) -> [Job] { work.ended.compactMap { jobs[$0] } }

  private func snapshot(of run: RunID) -> RunSnapshot? {
    guard let stored = runs[run] else { return nil }
    var stages: [StageName: StageResult] = [:]
    var elements: [StageName: [Int: StageResult]] = [:]
    for job in jobsByRun[run, default: []].compactMap({ jobs[$0] }) {
      let result = StageResult(
        state: job.standing.state, output: job.output, failure: job.failure, waitingFor: job.standing.waitingFor)
      if let index = job.index { elements[job.stage, default: [:]][index] = result } else { stages[job.stage] = result }
    }
    return RunSnapshot(
      id: run, pipeline: stored.record.pipeline, revision: stored.record.revision, event: stored.event.bytes,
      stages: stages, elements: elements)
  }
}

extension RunWork {
  mutating func take(_ effects: OrderingEffects) {
    pushes += effects.released
    ended += effects.ended
    runs.formUnion(effects.endedRuns)
  }
}
