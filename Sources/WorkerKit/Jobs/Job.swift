/// One stage's work in one run: the unit that is queued, leased, retried and replayed.
public struct Job: Sendable, Hashable {
  public let id: JobID
  public let run: RunID
  public let tenant: TenantID
  public let pipeline: PipelineName
  public let revision: RevisionHash
  public let stage: StageName
  public let worker: WorkerName
  public let queue: QueueName
  public let input: JobInput
  /// The event's log fields: `correlation_id`, `request_id`, `user_id` and what else its context named.
  public let context: [String: String]
  public let createdAt: Timestamp
  /// What settling and reissuing change.
  public var standing: JobStanding
  /// What the worker returned, as JSON bytes; nil until the job succeeded.
  public var output: [UInt8]?
  /// What the worker stored, registered when the job succeeded.
  public var artifacts: [Artifact]
  /// What went wrong last; nil where nothing has.
  public var failure: Failure?
  /// Which element of its stage's list it is for; nil where the stage has one job.
  public var index: Int?
  public var priority = Priority.normal
  /// How long its leases last; nil for the host's own.
  public var lease: Duration?
  /// What orders it among others; nil where nothing does.
  public var ordering: JobOrdering?
  /// What its worker reported last; nil where it has not.
  public var progress: JobProgress?

  /// Puts a job together from its stored parts.
  public init(
    id: JobID, run: RunID, tenant: TenantID, pipeline: PipelineName, revision: RevisionHash, stage: StageName,
    worker: WorkerName, queue: QueueName, input: JobInput, context: [String: String], createdAt: Timestamp,
    standing: JobStanding, output: [UInt8]? = nil, artifacts: [Artifact] = [], failure: Failure? = nil
  ) {
    self.id = id
    self.run = run
    self.tenant = tenant
    self.pipeline = pipeline
    self.revision = revision
    self.stage = stage
    self.worker = worker
    self.queue = queue
    self.input = input
    self.context = context
    self.createdAt = createdAt
    self.standing = standing
    self.output = output
    self.artifacts = artifacts
    self.failure = failure
  }
}

/// A job's options with every reference replaced by its value, or the first reference that had none.
public enum JobInput: Sendable, Hashable {
  /// The options as JSON bytes.
  case resolved([UInt8])
  /// A reference that led to nothing: the job will be a dead letter that names it.
  case unresolved(reference: String)
}
