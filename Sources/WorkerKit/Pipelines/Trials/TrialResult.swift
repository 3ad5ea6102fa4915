/// What a case came to.
struct TrialResult: Sendable {
  /// How a stage ended.
  enum End: Sendable {
    /// Its worker was called with these options, and succeeded.
    case succeeded(with: JSON)
    /// Its worker was called with these options, and failed for good.
    case failed(with: JSON, FailureKind, code: String)
    /// Its worker was not called, since this reference led to nothing.
    case unresolved(reference: String)
    case skipped(reason: String)
    case cancelled(reason: String)
    /// It waits still, though nothing is left that could end.
    case open
  }

  /// Why no run was started; nil where one was.
  var mismatch: String?
  var stages: [StageName: End] = [:]
  var emitted: [EventEnvelope] = []
  /// What the plan could not do.
  var problems: [String] = []

  /// Plays a case: asks the planner what runs, lets it end as the case says, and asks again.
  static func play(_ trial: Trial, pipeline: Pipeline, planner: Planner) throws(DriverError) -> TrialResult {
    var result = TrialResult()
    guard let run = try planner.route(trial.event, pipelines: PipelineSet([pipeline])).first else {
      result.mismatch = pipeline.trigger.mismatch(trial.event.json)?.reason ?? "the pipeline does not take it"
      return result
    }
    var (plan, waiting, stages) = (run.plan, run.plan.jobs, [StageName: StageResult]())
    result.note(plan)
    while !waiting.isEmpty {
      let job = waiting.removeFirst()
      stages[job.stage] = result.end(job, as: trial.mocks[job.stage] ?? .standard)
      for other in waiting { stages[other.stage] = StageResult(state: .queued, output: nil) }
      plan = try planner.next(
        RunSnapshot(
          id: run.id, pipeline: run.pipeline, revision: run.revision, event: trial.event.bytes, stages: stages),
        pipeline: pipeline)
      waiting += plan.jobs
      result.note(plan)
    }
    for (stage, idle) in plan.idle {
      result.stages[stage] =
        idle.kind == .skipped ? .skipped(reason: idle.reason) : .cancelled(reason: idle.reason)
    }
    for stage in pipeline.stages where result.stages[stage.name] == nil { result.stages[stage.name] = .open }
    return result
  }

  /// An event stands in every plan in which it holds, with one id.
  private mutating func note(_ plan: RunPlan) {
    emitted += plan.emits.filter { event in !emitted.contains { $0.id == event.id } }
    problems = plan.problems
  }

  private mutating func end(_ job: NewJob, as mock: TrialMock) -> StageResult {
    guard case .resolved(let bytes) = job.input, let options = try? JSONReader.parse(bytes) else {
      if case .unresolved(let reference) = job.input { stages[job.stage] = .unresolved(reference: reference) }
      return StageResult(state: .failed, output: nil)
    }
    switch mock {
    case .output(let output):
      stages[job.stage] = .succeeded(with: options)
      return StageResult(state: .succeeded, output: output.bytes())
    case .failure(let kind, let code):
      stages[job.stage] = .failed(with: options, kind, code: code)
      return StageResult(state: kind == .deadline ? .timedOut : .failed, output: nil)
    }
  }
}

extension TrialResult.End {
  /// What the worker was called with; nil where it was not.
  var options: JSON? {
    switch self {
    case .succeeded(let options), .failed(let options, _, _): options
    case .unresolved, .skipped, .cancelled, .open: nil
    }
  }

  var isFailure: Bool {
    switch self {
    case .failed, .unresolved: true
    case .succeeded, .skipped, .cancelled, .open: false
    }
  }

  /// How the stage ended, in a few words.
  var words: String {
    switch self {
    case .succeeded: "succeeded"
    case .failed(_, let kind, let code): "failed: \(kind.rawValue) \(code)"
    case .unresolved(let reference): "failed: \(reference) leads to nothing"
    case .skipped(let reason): "skipped: \(reason)"
    case .cancelled(let reason): "cancelled: \(reason)"
    case .open: "waits still"
    }
  }
}
