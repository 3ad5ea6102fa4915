/// What a case came to.
struct TrialResult: Sendable {
  /// Why no run was started; nil where one was.
  var mismatch: String?
  var stages: [StageName: TrialEnd] = [:]
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
    var (plan, waiting, jobs) = (run.plan, run.plan.jobs, TrialJobs())
    jobs.queue(waiting)
    result.note(plan)
    while !waiting.isEmpty {
      let job = waiting.removeFirst()
      jobs.keep(result.end(job, as: trial.mocks[job.stage]?.mock(of: job) ?? .standard), of: job)
      plan = try planner.next(
        RunSnapshot(
          id: run.id, pipeline: run.pipeline, revision: run.revision, event: trial.event.bytes, stages: jobs.stages,
          elements: jobs.elements),
        pipeline: pipeline)
      jobs.queue(plan.jobs)
      waiting += plan.jobs
      result.note(plan)
    }
    result.conclude(plan, of: pipeline)
    return result
  }

  /// An event stands in every plan in which it holds, with one id.
  private mutating func note(_ plan: RunPlan) {
    emitted += plan.emits.filter { event in !emitted.contains { $0.id == event.id } }
    problems = plan.problems
  }

  /// Notes how the stages stand that no worker was called for.
  private mutating func conclude(_ plan: RunPlan, of pipeline: Pipeline) {
    for (stage, idle) in plan.idle {
      stages[stage] = idle.kind == .skipped ? .skipped(reason: idle.reason) : .cancelled(reason: idle.reason)
    }
    for stage in pipeline.stages where stages[stage.name] == nil {
      // A list without elements has no jobs, and its stage has succeeded.
      stages[stage.name] = stage.each != nil && plan.state != .running ? .elements([:]) : .open
    }
  }

  private mutating func end(_ job: NewJob, as mock: TrialMock) -> StageResult {
    let (end, result) = Self.end(job, as: mock)
    if let index = job.index {
      var ends: [Int: TrialEnd] = [:]
      if case .elements(let known)? = stages[job.stage] { ends = known }
      ends[index] = end
      stages[job.stage] = .elements(ends)
    } else {
      stages[job.stage] = end
    }
    return result
  }

  private static func end(_ job: NewJob, as mock: TrialMock) -> (TrialEnd, StageResult) {
    switch (job.input, mock) {
    case (.unresolved(let reference), _):
      let failure = Failure.unresolved(reference: reference)
      return (.unresolved(reference: reference), StageResult(state: .failed, output: nil, failure: failure))
    case (.resolved(let bytes), .output(let output)):
      return (.succeeded(with: options(bytes)), StageResult(state: .succeeded, output: output.bytes()))
    case (.resolved(let bytes), .failure(let failure)):
      let state: JobState = failure.kind == .deadline ? .timedOut : .failed
      return (.failed(with: options(bytes), failure), StageResult(state: state, output: nil, failure: failure))
    }
  }

  /// What a planner wrote can be read.
  private static func options(_ bytes: [UInt8]) -> JSON { (try? JSONReader.parse(bytes)) ?? .null }
}

/// The jobs of a case's run, as a store would show them.
private struct TrialJobs {
  var stages: [StageName: StageResult] = [:]
  var elements: [StageName: [Int: StageResult]] = [:]

  mutating func queue(_ jobs: [NewJob]) {
    for job in jobs { keep(StageResult(state: .queued, output: nil), of: job) }
  }

  mutating func keep(_ result: StageResult, of job: NewJob) {
    if let index = job.index {
      elements[job.stage, default: [:]][index] = result
    } else {
      stages[job.stage] = result
    }
  }
}
