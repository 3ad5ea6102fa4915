/// What people and machines ask a store about. Reads are pages: none holds a lock or grows with history.
public protocol JobReading: Sendable {
  /// The events with this id, newest first: one for each tenant and source that used it, 100 at most.
  func events(id: EventID, tenant: TenantID?) async throws(DriverError) -> [EventRecord]

  /// A page of events.
  func events(_ filter: EventFilter) async throws(DriverError) -> EventPage

  /// A page of runs, newest first. Looks at a bounded number of runs, however many there are.
  func find(_ filter: RunFilter) async throws(DriverError) -> FoundRuns

  /// One run, or nil.
  func run(_ id: RunID) async throws(DriverError) -> RunRecord?

  /// The runs that an event started, in order of creation.
  func runs(of event: EventRecord) async throws(DriverError) -> [RunRecord]

  /// One job, or nil.
  func job(_ id: JobID) async throws(DriverError) -> Job?

  /// The jobs of a run, in order of creation.
  func jobs(of run: RunID) async throws(DriverError) -> [Job]

  /// A page of jobs, newest first. Looks at a bounded number of jobs, however many there are.
  func find(_ filter: JobFilter) async throws(DriverError) -> FoundJobs

  /// What happened to a job, oldest first.
  func attempts(of job: JobID) async throws(DriverError) -> [AttemptRecord]

  /// What people did to a job, oldest first.
  func audit(of job: JobID) async throws(DriverError) -> [AuditRecord]

  /// Those of these dead letters that a replay would answer with `superseded` now.
  func outdated(_ jobs: [JobID]) async throws(DriverError) -> Set<JobID>

  /// Dead letters that nobody has replayed.
  func deadLetterCount() async throws(DriverError) -> Int

  /// Events that wait to be routed.
  func unroutedCount() async throws(DriverError) -> Int
}

/// An event as it is kept.
public struct EventRecord: Sendable, Hashable {
  /// Its place in the order of acceptance.
  public let sequence: Int64
  public let envelope: EventEnvelope
  public let recordedAt: Timestamp
  /// Nil while it waits to be routed.
  public let routedAt: Timestamp?

  /// Describes a kept event.
  public init(sequence: Int64, envelope: EventEnvelope, recordedAt: Timestamp, routedAt: Timestamp?) {
    self.sequence = sequence
    self.envelope = envelope
    self.recordedAt = recordedAt
    self.routedAt = routedAt
  }
}

/// A run as it is kept.
public struct RunRecord: Sendable, Hashable {
  public let id: RunID
  public let event: EventID
  public let tenant: TenantID
  public let pipeline: PipelineName
  public let revision: RevisionHash
  public let createdAt: Timestamp
  public let standing: RunStanding
  /// The replay that made it; nil where its event was routed.
  public let replay: ReplayID?

  /// Describes a kept run.
  public init(
    id: RunID, event: EventID, tenant: TenantID, pipeline: PipelineName, revision: RevisionHash,
    createdAt: Timestamp, standing: RunStanding, replay: ReplayID? = nil
  ) {
    self.id = id
    self.event = event
    self.tenant = tenant
    self.pipeline = pipeline
    self.revision = revision
    self.createdAt = createdAt
    self.standing = standing
    self.replay = replay
  }
}
