/// Where a job's worker runs: in this process, in one of its own, or nowhere, since the host has no other processes.
enum ExecutionPlace: Sendable {
  case here
  case apart(any IsolatedRunner, IsolationPolicy, deadline: Duration)
  case nowhere

  /// The place that a stage asks for, of those that the host has.
  init(_ policy: IsolationPolicy?, _ runner: (any IsolatedRunner)?, deadline: Duration) {
    self =
      switch (policy, runner) {
      case (nil, _): .here
      case (let policy?, let runner?): .apart(runner, policy, deadline: deadline)
      case (_, nil): .nowhere
      }
  }

  /// Runs a worker there.
  func run(_ worker: RegisteredWorker, _ input: JSON, _ context: WorkerContext) async throws -> IsolatedOutput {
    switch self {
    case .here:
      let output = try await worker.run(input, context)
      return IsolatedOutput(json: output.json, artifacts: output.artifacts)
    case .apart where !worker.isIsolable:
      throw Failure(
        .permanent, "isolation_unsupported",
        "The worker cannot run in a process of its own here; take isolation out of the stage.")
    case .apart(let runner, let policy, let deadline):
      return try await runner.run(
        IsolatedWork(
          worker: worker.name, input: input, job: context.job, run: context.run, tenant: context.tenant,
          pipeline: context.pipeline, stage: context.stage, attempt: context.attempt, authority: context.authority,
          logFields: context.logFields, deadline: deadline), within: policy)
    case .nowhere:
      throw Failure(
        .permanent, "isolation_unavailable",
        "The stage asks for a process of its own, and this host starts none; take isolation out of the stage, or run "
          + "it on a host that does.")
    }
  }
}
