/// Decides what runs next. Pure but for the ids and the moments that it is handed: nothing is read or written.
public struct Planner: Sendable {
  /// The queue of each worker's jobs, where the stage names none; others go to `QueueName.standard`.
  let queues: [WorkerName: QueueName]
  let newID: @Sendable () -> String
  let now: @Sendable () -> Timestamp
  /// True where spans are made: then each event that a run emits is a span of its own.
  let isTraced: Bool

  /// Makes a planner that draws ids (ULID texts) and moments (for emitted events) from `newID` and `now`.
  public init(
    queues: [WorkerName: QueueName], newID: @escaping @Sendable () -> String,
    now: @escaping @Sendable () -> Timestamp, isTraced: Bool = false
  ) {
    self.queues = queues
    self.newID = newID
    self.now = now
    self.isTraced = isTraced
  }

  /// Makes a planner for the workers of a program.
  public init(registry: WorkerRegistry, environment: Environment, isTraced: Bool = false) {
    self.init(
      queues: Dictionary(registry.all.map { ($0.name, $0.queue) }) { first, _ in first },
      newID: { environment.id() }, now: { environment.time.now }, isTraced: isTraced)
  }

  /// The queues that the stages of these pipelines put their jobs into.
  public func queues(of pipelines: PipelineSet) -> Set<QueueName> {
    Set(pipelines.pipelines.values.flatMap(\.stages).map(queue))
  }

  /// The queue that a stage puts its jobs into.
  func queue(of stage: Stage) -> QueueName { stage.policy.queue ?? queues[stage.worker] ?? .standard }

  /// Plans the runs that an event starts: one for each pipeline whose trigger matches, sorted by the pipeline's name.
  /// - Throws: What `next` throws; not for the event, which is at hand already.
  public func route(_ event: EventEnvelope, pipelines: PipelineSet) throws(DriverError) -> [NewRun] {
    var facts = RunFacts(event)
    var runs: [NewRun] = []
    for pipeline in try pipelines.matching(&facts) {
      let walk = RunWalk(planner: self, pipeline: pipeline.name, run: RunID(newID()))
      let turns = try turns(pipeline.stages, walk, facts: &facts)
      let plan = try plan(pipeline, walk, facts: &facts)
      runs.append(
        NewRun(id: walk.run, pipeline: pipeline.name, revision: pipeline.revision, plan: plan, turns: turns))
    }
    return runs
  }

  /// Plans what follows in a run. Everything is worked out from its jobs each time, so a need that a replay mends
  /// releases what was cancelled because of it.
  ///
  /// Events appear in every plan in which they hold, with the same id; stores keep the first.
  /// - Throws: A `DriverError` of kind damaged where the run's event or an output cannot be read.
  public func next(_ run: RunSnapshot, pipeline: Pipeline) throws(DriverError) -> RunPlan {
    var facts = RunFacts(run)
    let walk = RunWalk(
      planner: self, pipeline: pipeline.name, run: run.id, stages: run.stages, elements: run.elements)
    return try plan(pipeline, walk, facts: &facts)
  }

  private func plan(_ pipeline: Pipeline, _ start: RunWalk, facts: inout RunFacts) throws(DriverError) -> RunPlan {
    var walk = start
    for stage in pipeline.ordered { try walk.visit(stage, facts: &facts) }
    walk.close()
    for (index, emit) in pipeline.emits.enumerated() where walk.haveSucceeded(emit.after) {
      let emission = Emission(
        pipeline: pipeline.name, run: walk.run, place: String(index), event: emit.event, payload: emit.payload,
        isTraced: isTraced)
      try walk.add(emission, facts: &facts, now: now)
    }
    for stage in pipeline.stages {
      guard let wanted = stage.policy.onFailure, let dead = walk.deadLetter(of: stage) else { continue }
      let emission = Emission(
        pipeline: pipeline.name, run: walk.run, place: Emission.failurePlace(stage.name), event: wanted.event,
        payload: wanted.payload, locals: [FailureEvent.root: dead.failureFields], isTraced: isTraced)
      try walk.add(emission, facts: &facts, now: now)
    }
    let idle = pipeline.stages.filter { walk.plan.idle[$0.name] != nil }
    walk.plan.freed = try turns(idle, walk, facts: &facts)
    return walk.plan
  }

  /// The turns of stages that are worked on one at a time. A key that leads to nothing has none: the job says so.
  private func turns(_ stages: [Stage], _ walk: RunWalk, facts: inout RunFacts) throws(DriverError) -> [Turn] {
    var turns: [Turn] = []
    for stage in stages {
      guard let serial = stage.policy.serialBy else { continue }
      do {
        turns.append(Turn(stage: stage.name, key: try walk.text(serial.key, facts: &facts)))
      } catch let error as DriverError {
        throw error
      } catch {
        continue
      }
    }
    return turns
  }
}

extension RunWalk {
  /// Adds an event to the plan, or why there is none.
  fileprivate mutating func add(
    _ emission: Emission, facts: inout RunFacts, now: () -> Timestamp
  ) throws(DriverError) {
    switch try emission.event(facts: &facts, now: now) {
    case .event(let event): plan.emits.append(event)
    case .problem(let text): plan.problems.append(text)
    }
  }
}

extension StageResult {
  /// What `${failure.…}` stands for.
  fileprivate var failureFields: JSON {
    guard let failure else { return .object([:]) }
    return [
      "kind": .string(failure.kind.rawValue), "code": .string(failure.code), "message": .string(failure.message),
    ]
  }
}
