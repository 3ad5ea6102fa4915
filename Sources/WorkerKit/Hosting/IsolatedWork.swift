public import Logging

/// One attempt as a process of its own is told of it: everything that the attempt's context needs, and nothing else.
public struct IsolatedWork: Sendable, Hashable {
  public let worker: WorkerName
  /// The worker's options, every reference replaced by its value.
  public let input: JSON
  public let job: JobID
  public let run: RunID
  public let tenant: TenantID
  public let pipeline: PipelineName
  public let stage: StageName
  /// Which attempt this is, from 1.
  public let attempt: Int
  /// What allows the attempt to write. Domain transactions in the other process compare it as they would here.
  public let authority: Authority
  /// The event's log fields.
  public let logFields: [String: String]
  /// How long the attempt may take, from the moment at which it is handed over.
  public let deadline: Duration

  /// Puts the parts together.
  public init(
    worker: WorkerName, input: JSON, job: JobID, run: RunID, tenant: TenantID, pipeline: PipelineName,
    stage: StageName, attempt: Int, authority: Authority, logFields: [String: String], deadline: Duration
  ) {
    self.worker = worker
    self.input = input
    self.job = job
    self.run = run
    self.tenant = tenant
    self.pipeline = pipeline
    self.stage = stage
    self.attempt = attempt
    self.authority = authority
    self.logFields = logFields
    self.deadline = deadline
  }

  /// Does the work here, with the worker of `registry`: what the other process does with what it was told.
  public func perform(with registry: WorkerRegistry, environment: Environment, log: Logger) async -> AttemptResult {
    guard let worker = registry.worker(worker) else {
      return .failed(
        Failure(
          .transient, "worker_not_here", "The process for isolated jobs does not have this worker.",
          fields: ["worker": self.worker.rawValue]))
    }
    let context = WorkerContext(
      job: job, run: run, tenant: tenant, pipeline: pipeline, stage: stage, attempt: attempt, authority: authority,
      logFields: logFields, baseLog: log, environment: environment)
    return await Execution.result(in: context) { try await ExecutionPlace.here.run(worker, input, context) }
  }
}
