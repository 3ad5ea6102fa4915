/// One walk over a run's stages, each after all that it needs.
struct RunWalk {
  let planner: Planner
  let pipeline: PipelineName
  let run: RunID
  let stages: [StageName: StageResult]
  let elements: [StageName: [Int: StageResult]]
  private var standings: [StageName: StageStanding] = [:]
  /// What the walk has come to.
  var plan = RunPlan()

  init(
    planner: Planner, pipeline: PipelineName, run: RunID, stages: [StageName: StageResult] = [:],
    elements: [StageName: [Int: StageResult]] = [:]
  ) {
    self.planner = planner
    self.pipeline = pipeline
    self.run = run
    self.stages = stages
    self.elements = elements
  }

  mutating func visit(_ stage: Stage, facts: inout RunFacts) throws(DriverError) {
    if let job = stages[stage.name], stage.each == nil {
      standings[stage.name] = StageStanding(job.state)
    } else if elements[stage.name] == nil, let blocked = blocked(stage) {
      standings[stage.name] = blocked
    } else if elements[stage.name] == nil, let mismatch = try unmet(stage, facts: &facts) {
      idle(stage, .skipped, mismatch.reason)
    } else if let each = stage.each {
      standings[stage.name] = try fanOut(stage, each, facts: &facts)
    } else {
      plan.jobs.append(try job(for: stage, facts: &facts))
      standings[stage.name] = .open
    }
  }

  /// Decides how the run as a whole stands.
  mutating func close() {
    let isOpen = standings.values.contains(where: \.isOpen)
    guard !isOpen else { return plan.state = .running }
    let jobs = Array(stages.values) + elements.values.flatMap(\.values)
    if jobs.contains(where: \.state.isDead) {
      plan.state = .failed
    } else {
      plan.state = jobs.contains(where: \.isUnwanted) ? .cancelled : .succeeded
    }
  }

  func haveSucceeded(_ names: [StageName]) -> Bool { names.allSatisfy { standings[$0]?.end == .succeeded } }

  /// The dead letter that a stage ended with, if it has.
  func deadLetter(of stage: Stage) -> StageResult? {
    let jobs =
      stages[stage.name].map { [$0] } ?? elements[stage.name].map { $0.sorted { $0.key < $1.key }.map(\.value) }
    return jobs?.first { $0.state.isDead }
  }

  /// How the stage stands because of its needs; nil where all have ended as it wants.
  private mutating func blocked(_ stage: Stage) -> StageStanding? {
    var (skipped, lost): (String?, String?)
    for need in stage.needs {
      guard let standing = standings[need], !standing.isOpen else { return .open }
      if let end = standing.end, (stage.join[need] ?? [.succeeded]).contains(end) { continue }
      switch standing {
      case .lost(let how): lost = lost ?? "\(need) \(how)"
      case .cancelled: lost = lost ?? "\(need) was cancelled"
      case .skipped: skipped = skipped ?? "\(need) was skipped"
      case .succeeded, .open: skipped = skipped ?? "\(need) succeeded"
      }
    }
    if let skipped { return idle(stage, .skipped, skipped) }
    if let lost { return idle(stage, .cancelled, lost) }
    return nil
  }

  private func unmet(_ stage: Stage, facts: inout RunFacts) throws(DriverError) -> PatternMismatch? {
    for condition in stage.when {
      let value = try facts.value(of: condition.root)
      if let mismatch = condition.pattern.mismatch(value, at: [condition.root]) { return mismatch }
    }
    return nil
  }

  @discardableResult
  private mutating func idle(_ stage: Stage, _ kind: IdleStage.Kind, _ reason: String) -> StageStanding {
    plan.idle[stage.name] = IdleStage(kind, reason: reason)
    let standing: StageStanding = kind == .skipped ? .skipped : .cancelled
    standings[stage.name] = standing
    return standing
  }
}
