/// One walk over a run's stages, each after all that it needs.
struct RunWalk {
  /// How a stage stands, for those that need it.
  private enum Standing {
    /// It has a live job, or waits for one of its needs.
    case open
    case succeeded
    case skipped
    /// It ended without success; the words say how.
    case lost(String)
  }

  private let planner: Planner
  private let run: RunID
  private let stages: [StageName: StageResult]
  private var standings: [StageName: Standing] = [:]
  /// What the walk has come to.
  var plan = RunPlan()

  init(planner: Planner, run: RunID, stages: [StageName: StageResult]) {
    self.planner = planner
    self.run = run
    self.stages = stages
  }

  mutating func visit(_ stage: Stage, facts: inout RunFacts) throws(DriverError) {
    if let job = stages[stage.name] {
      standings[stage.name] = Self.standing(of: job.state)
    } else if let blocked = blocked(stage) {
      standings[stage.name] = blocked
    } else if let mismatch = try unmet(stage, facts: &facts) {
      idle(stage, .skipped, mismatch.reason)
    } else {
      try start(stage, facts: &facts)
    }
  }

  /// Decides how the run as a whole stands.
  mutating func close() {
    let isOpen = standings.values.contains { standing in
      if case .open = standing { true } else { false }
    }
    guard !isOpen else { return plan.state = .running }
    plan.state = stages.values.contains { $0.state.isDead } ? .failed : .succeeded
  }

  func haveSucceeded(_ names: [StageName]) -> Bool {
    names.allSatisfy { name in
      if case .succeeded? = standings[name] { true } else { false }
    }
  }

  /// How the stage stands because of its needs; nil where all have succeeded.
  private mutating func blocked(_ stage: Stage) -> Standing? {
    var (skipped, lost): (StageName?, (StageName, String)?)
    for need in stage.needs {
      switch standings[need] {
      case .succeeded?: continue
      case .open?, nil: return .open
      case .skipped?: skipped = skipped ?? need
      case .lost(let how)?: lost = lost ?? (need, how)
      }
    }
    if let skipped { return idle(stage, .skipped, "\(skipped) was skipped") }
    if let (need, how) = lost { return idle(stage, .cancelled, "\(need) \(how)") }
    return nil
  }

  private func unmet(_ stage: Stage, facts: inout RunFacts) throws(DriverError) -> PatternMismatch? {
    for condition in stage.when {
      let value = try facts.value(of: condition.root)
      if let mismatch = condition.pattern.mismatch(value, at: [condition.root]) { return mismatch }
    }
    return nil
  }

  private mutating func start(_ stage: Stage, facts: inout RunFacts) throws(DriverError) {
    let input = try stage.with.resolve { reference throws(DriverError) in try facts.value(of: reference) }
    let queue = stage.queue ?? planner.queues[stage.worker] ?? .standard
    let id = JobID(run: run, stage: stage.name)
    plan.jobs.append(NewJob(id: id, stage: stage.name, worker: stage.worker, queue: queue, input: input))
    standings[stage.name] = .open
  }

  @discardableResult
  private mutating func idle(_ stage: Stage, _ kind: IdleStage.Kind, _ reason: String) -> Standing {
    plan.idle[stage.name] = IdleStage(kind, reason: reason)
    let standing: Standing = kind == .skipped ? .skipped : .lost("was cancelled")
    standings[stage.name] = standing
    return standing
  }

  private static func standing(of state: JobState) -> Standing {
    switch state {
    case .pending, .queued, .running: .open
    case .succeeded: .succeeded
    case .failed: .lost("failed")
    case .timedOut: .lost("timed out")
    case .cancelled: .lost("was cancelled")
    }
  }
}
