import WorkerKit

/// What a plan needs to know of a run beside its jobs.
struct StoredRun: Hashable {
  let number: Int64
  let id: RunID
  let tenant: TenantID
  let pipeline: PipelineName
  let revision: RevisionHash

  init(number: Int64, id: RunID, tenant: TenantID, pipeline: PipelineName, revision: RevisionHash) {
    self.number = number
    self.id = id
    self.tenant = tenant
    self.pipeline = pipeline
    self.revision = revision
  }

  /// A run that is to be created.
  init(_ new: NewRun, _ number: Int64, _ tenant: TenantID) {
    self.init(number: number, id: new.id, tenant: tenant, pipeline: new.pipeline, revision: new.revision)
  }

  /// The line in which its jobs of a stage take their turns.
  func line(_ turn: Turn) -> OrderingKey {
    OrderingKey(tenant: tenant, pipeline: pipeline, stage: turn.stage, key: turn.key)
  }
}

/// A job as it is stored, but for its input and output: its standing, and what settling needs beside it.
struct StoredJob {
  /// Rows refer to each other by number, ids are for the world outside.
  let number: Int64
  let id: JobID
  let run: StoredRun
  let kind: PostgresKind
  /// Which element of its stage's list it is for.
  let element: Int?
  let createdAt: Timestamp
  /// True where its run has no other job and never had.
  let isAlone: Bool
  let ordering: JobOrdering?
  let failure: Failure?
  var standing: JobStanding

  /// The columns of `live` that `init(live:)` reads.
  static let liveColumns = columns(
    alone: "j.alone", finished: "NULL::bigint")
  /// The columns of `jobs` that `init(_:)` reads.
  static let endedColumns = columns(alone: "false", finished: "j.finished_at")

  private static func columns(alone: String, finished: String) -> String {
    """
    j.number, j.id, j.run, j.tenant, \(PostgresKind.columns), j.element, j.created_at, \(alone), j.ordering, j.failure,
    j.state, j.fence, j.holder, j.attempts, j.losses, j.due_at, j.started_at, \(finished), j.waiting_for
    """
  }

  /// Reads a row of `live` or `jobs` with its kind; `last` is what the row before it was read as.
  init(_ row: PostgresRow, after last: StoredJob? = nil) throws(DriverError) {
    number = row.integer(0)
    id = JobID(row.text(1))
    kind = PostgresKind.read(row, from: 4, after: last?.kind)
    run = StoredRun(
      number: RowNumbers.run(of: number), id: RunID(row.text(2)), tenant: TenantID(row.text(3)),
      pipeline: kind.pipeline, revision: kind.revision)
    element = row.optionalInteger(11).map { Int($0) }
    createdAt = row.moment(12)
    isAlone = row.boolean(13)
    ordering = try Self.ordering(row, 14, after: last)
    failure = try row.optionalJSON(15).flatMap { Failure(json: $0) }
    standing = try Self.standing(row, from: 16)
  }

  /// The entry that tells the queue of a new standing of this job.
  func entry(_ next: JobStanding, at now: Timestamp) -> StoredEntry {
    StoredEntry(
      number: number,
      entry: QueueEntry(
        job: id, fence: next.fence, queue: kind.queue, delay: max(.zero, next.dueAt - now), priority: kind.priority,
        lease: kind.lease,
        lane: Lane(tenant: run.tenant, pipeline: kind.pipeline, stage: kind.stage, flow: ordering?.flow)))
  }

  /// Neighbours of one lane have the same flow, which is read once.
  private static func ordering(
    _ row: PostgresRow, _ column: Int, after last: StoredJob?
  ) throws(DriverError) -> JobOrdering? {
    if let last, let before = row.before, row.isEqual(to: before, in: column...column) { return last.ordering }
    return try row.optionalJSON(column).flatMap { JobOrdering(json: $0) }
  }

  private static func standing(_ row: PostgresRow, from column: Int) throws(DriverError) -> JobStanding {
    JobStanding(
      state: try JobState(stored: row.integer(column)), fence: Fence(rawValue: row.integer(column + 1)),
      holder: row.optionalText(column + 2).map { Holder($0) }, attempts: Int(row.integer(column + 3)),
      losses: Int(row.integer(column + 4)), dueAt: row.moment(column + 5), startedAt: row.optionalMoment(column + 6),
      finishedAt: row.optionalMoment(column + 7), waitingFor: row.optionalText(column + 8))
  }
}

/// An entry for the queue with the number of its job.
struct StoredEntry {
  let number: Int64
  let entry: QueueEntry
}

extension JobState {
  /// How a state is kept; dead are 5 and above.
  var stored: Int64 {
    switch self {
    case .pending: 0
    case .queued: 1
    case .running: 2
    case .succeeded: 3
    case .cancelled: 4
    case .failed: 5
    case .timedOut: 6
    }
  }

  init(stored number: Int64) throws(DriverError) {
    guard let state = JobState.allCases.first(where: { $0.stored == number }) else {
      throw DriverError(.damaged, "job_unreadable", "A job's state is none of the seven; restore from a backup.")
    }
    self = state
  }
}
