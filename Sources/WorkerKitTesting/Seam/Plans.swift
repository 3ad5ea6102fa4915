internal import WorkerKit

/// Planners that are simple enough to be seen through.
enum Plans {
  /// One run for each wanted event, with all its jobs at once; nothing for any other event.
  static func starting(
    _ wanted: [SeamBench.Wanted], queue: QueueName = .standard, worker: WorkerName = "checks.work"
  ) -> RoutePlanner {
    let runs = Dictionary(uniqueKeysWithValues: wanted.map { ($0.event.id, $0) })
    return { event in
      guard let wanted = runs[event.id] else { return [] }
      let jobs = zip(wanted.stages, wanted.jobs).map { stage, job in
        NewJob(id: job, stage: stage, worker: worker, queue: queue, input: .resolved(Array("{}".utf8)))
      }
      return [
        NewRun(
          id: wanted.run, pipeline: SeamBench.pipeline, revision: SeamBench.revision, plan: RunPlan(jobs: jobs))
      ]
    }
  }

  /// Ends the run with its last job: failed where a job is dead, else succeeded.
  static let ending: SettlePlanner = { run in RunPlan(state: state(of: run)) }

  /// Creates the stage `join` when `a` and `b` have succeeded and it has no job yet.
  static func joining(_ environment: Environment) -> SettlePlanner {
    { run in run.stages["join"] == nil ? try joiningAlways(environment)(run) : RunPlan(state: state(of: run)) }
  }

  /// Asks for the stage `join` whenever `a` and `b` have succeeded, whether it has a job or not.
  static func joiningAlways(_ environment: Environment) -> SettlePlanner {
    { run in
      guard ["a", "b"].allSatisfy({ run.stages[$0]?.state == .succeeded }) else {
        return RunPlan(state: state(of: run))
      }
      let join = NewJob(
        id: JobID(environment.id()), stage: "join", worker: "checks.join", queue: "joins",
        input: .resolved(Array("{}".utf8)))
      return RunPlan(jobs: [join])
    }
  }

  static func state(of run: RunSnapshot) -> RunStanding.State {
    let states = run.stages.values.map(\.state)
    guard !states.contains(where: \.isLive) else { return .running }
    return states.contains(where: \.isDead) ? .failed : .succeeded
  }
}

/// What a planner throws that cannot plan.
struct PlanFailure: Error {}
