/// The rows that ordering reads and writes, within one transaction of a store. What a store implements so that turns,
/// windows and executions mean the same in every one of them; only jobs that have an ordering come here.
public protocol OrderingRows {
  /// The moment of the transaction.
  var now: Timestamp { get }

  /// The window of a key, or nil where nothing has arrived.
  func window(_ key: OrderingKey) throws(DriverError) -> CoalesceWindow?
  /// Keeps a window.
  mutating func keep(_ window: CoalesceWindow, of key: OrderingKey) throws(DriverError)

  /// The run at the head of a line; nil where the line is empty.
  func head(of line: OrderingKey) throws(DriverError) -> RunID?
  /// Puts a run at the end of a line, unless it is in it.
  mutating func enter(_ line: OrderingKey, run: RunID) throws(DriverError)
  /// Takes a run out of a line, wherever it stands.
  mutating func leave(_ line: OrderingKey, run: RunID) throws(DriverError)

  /// The job that works for an execution, or has done it.
  func leader(of execution: ExecutionKey) throws(DriverError) -> JobID?
  /// Names the job that works for an execution; nil for none.
  mutating func lead(_ execution: ExecutionKey, by job: JobID?) throws(DriverError)
  /// The live jobs of an execution but its leader, oldest first.
  func followers(of execution: ExecutionKey) throws(DriverError) -> [JobID]

  /// A job, or nil.
  func orderedJob(_ id: JobID) throws(DriverError) -> OrderedJob?
  /// The job of a run's stage, where it has one.
  func orderedJob(of run: RunID, stage: StageName) throws(DriverError) -> OrderedJob?
  /// Keeps a job's standing; with `result`, also output, artifacts and failure of another job, which did the same work.
  mutating func keep(_ standing: JobStanding, of job: JobID, result: JobID?) throws(DriverError)
}

/// A job as ordering sees it.
public struct OrderedJob: Sendable, Hashable {
  public let id: JobID
  public let run: RunID
  public let tenant: TenantID
  public let pipeline: PipelineName
  public let stage: StageName
  public let ordering: JobOrdering
  public var standing: JobStanding
  /// What went wrong last.
  public let failure: Failure?

  /// Puts a job together from its stored parts.
  public init(
    id: JobID, run: RunID, tenant: TenantID, pipeline: PipelineName, stage: StageName, ordering: JobOrdering,
    standing: JobStanding, failure: Failure?
  ) {
    self.id = id
    self.run = run
    self.tenant = tenant
    self.pipeline = pipeline
    self.stage = stage
    self.ordering = ordering
    self.standing = standing
    self.failure = failure
  }

  /// The line that the job's turn is in.
  var line: OrderingKey? { ordering.serial.map { key($0.key) } }
  /// The window that the job falls into.
  var window: OrderingKey? { ordering.window.map { key($0.key) } }
  /// The execution that the job shares.
  var execution: ExecutionKey? { ordering.execution.map { ExecutionKey(tenant: tenant, key: $0) } }
  /// The job as its window knows it.
  var member: CoalesceWindow.Member { CoalesceWindow.Member(job: id, value: ordering.window?.value) }

  private func key(_ key: String) -> OrderingKey {
    OrderingKey(tenant: tenant, pipeline: pipeline, stage: stage, key: key)
  }
}
