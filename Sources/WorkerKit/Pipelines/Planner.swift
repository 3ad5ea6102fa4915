/// Decides what runs next. Pure but for the ids and the moments that it is handed: nothing is read or written.
public struct Planner: Sendable {
  /// The queue of each worker's jobs, where the stage names none; others go to `QueueName.standard`.
  let queues: [WorkerName: QueueName]
  let newID: @Sendable () -> String
  let now: @Sendable () -> Timestamp

  /// Makes a planner that draws ids (ULID texts) and moments (for emitted events) from `newID` and `now`.
  public init(
    queues: [WorkerName: QueueName], newID: @escaping @Sendable () -> String,
    now: @escaping @Sendable () -> Timestamp
  ) {
    self.queues = queues
    self.newID = newID
    self.now = now
  }

  /// Makes a planner for the workers of a program.
  public init(registry: WorkerRegistry, environment: Environment) {
    self.init(
      queues: Dictionary(registry.all.map { ($0.name, $0.queue) }) { first, _ in first },
      newID: { environment.id() }, now: { environment.time.now })
  }

  /// Plans the runs that an event starts: one for each pipeline whose trigger matches, sorted by the pipeline's name.
  /// - Throws: What `next` throws; not for the event, which is at hand already.
  public func route(_ event: EventEnvelope, pipelines: PipelineSet) throws(DriverError) -> [NewRun] {
    var facts = RunFacts(event)
    var runs: [NewRun] = []
    for pipeline in try pipelines.matching(&facts) {
      let id = RunID(newID())
      let plan = try plan(pipeline, run: id, stages: [:], facts: &facts)
      runs.append(NewRun(id: id, pipeline: pipeline.name, revision: pipeline.revision, plan: plan))
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
    return try plan(pipeline, run: run.id, stages: run.stages, facts: &facts)
  }

  private func plan(
    _ pipeline: Pipeline, run: RunID, stages: [StageName: StageResult], facts: inout RunFacts
  ) throws(DriverError) -> RunPlan {
    var walk = RunWalk(planner: self, run: run, stages: stages)
    for stage in pipeline.ordered { try walk.visit(stage, facts: &facts) }
    walk.close()
    for (index, emit) in pipeline.emits.enumerated() where walk.haveSucceeded(emit.after) {
      let emission = Emission(pipeline: pipeline.name, run: run, index: index, emit: emit)
      switch try emission.event(facts: &facts, now: now) {
      case .event(let event): walk.plan.emits.append(event)
      case .problem(let text): walk.plan.problems.append(text)
      }
    }
    return walk.plan
  }
}
