/// Which jobs a page shall hold. What is nil is not asked for.
public struct JobFilter: Sendable, Hashable {
  /// Any of these states; all states when empty.
  public var states: Set<JobState>
  public var tenant: TenantID?
  public var pipeline: PipelineName?
  public var stage: StageName?
  public var worker: WorkerName?
  /// Only jobs whose last failure has this fingerprint.
  public var fingerprint: Fingerprint?
  /// Only jobs that ended then or later.
  public var endedFrom: Timestamp?
  /// Only jobs that ended before.
  public var endedBefore: Timestamp?
  /// Only jobs older than this one: where the page before ended.
  public var before: JobID?
  /// The most jobs wanted; 1 to 1,000.
  public var limit: Int

  /// Describes a page; `limit` is brought into 1 … 1,000.
  public init(
    states: Set<JobState> = [], tenant: TenantID? = nil, pipeline: PipelineName? = nil, stage: StageName? = nil,
    worker: WorkerName? = nil, fingerprint: Fingerprint? = nil, before: JobID? = nil, limit: Int = 100
  ) {
    self.states = states
    self.tenant = tenant
    self.pipeline = pipeline
    self.stage = stage
    self.worker = worker
    self.fingerprint = fingerprint
    self.before = before
    self.limit = min(max(1, limit), 1000)
  }
}
