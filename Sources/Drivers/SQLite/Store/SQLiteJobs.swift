import WorkerKit

/// A job's standing and what settling needs beside it.
struct StoredStanding {
  /// The job's row; rows refer to each other by number, ids are for the world outside.
  let row: Int64
  let stage: StageName
  /// Which element of its stage's list it is for.
  let element: Int?
  let queue: QueueName
  let policy: SQLiteJobPolicy
  let run: StoredRun
  /// True when its run has no other job.
  let isAlone: Bool
  let standing: JobStanding

  /// True for a job that something orders among others.
  var isOrdered: Bool { policy.ordering.orders }

  /// The entry that tells the queue of a new standing of this job.
  func entry(_ job: JobID, _ next: JobStanding, at now: Timestamp) -> StoredEntry {
    StoredEntry(
      row: row,
      entry: QueueEntry(
        job: job, fence: next.fence, queue: queue, delay: max(.zero, next.dueAt - now), priority: policy.priority,
        lease: policy.lease,
        lane: Lane(tenant: run.tenant, pipeline: run.pipeline, stage: stage, flow: policy.ordering?.flow)))
  }
}

/// The jobs that there are, row by row, within one transaction.
struct SQLiteJobs {
  private let transaction: SQLiteTransaction
  private let derived: SQLiteStatement
  private let named: SQLiteStatement

  init(_ transaction: SQLiteTransaction) throws(DriverError) {
    self.transaction = transaction
    derived = try transaction.connection.statement(Self.derivedStanding)
    named = try transaction.connection.statement(Self.namedStanding)
  }

  private static let columns = """
    jobs.sequence, jobs.stage, jobs.element, jobs.queue, \(SQLiteJobPolicy.columns), \(StoredRun.columns),
    jobs.sequence % \(RowNumbers.jobsOfRun) = 0 AND NOT EXISTS (
      SELECT 1 FROM jobs AS other WHERE other.sequence > jobs.sequence
        AND other.sequence < (runs.sequence + 1) * \(RowNumbers.jobsOfRun)),
    \(SQLiteJobRows.standing)
    """
  private static let derivedStanding = SQLiteText("SELECT \(columns) FROM \(SQLiteJobRows.derived)")
  private static let namedStanding = SQLiteText("SELECT \(columns) FROM \(SQLiteJobRows.named)")

  /// The epoch in force.
  func epoch() throws(DriverError) -> Epoch {
    let value = try transaction.connection.statement("SELECT value FROM meta WHERE key = 'epoch'")
      .one { row throws(DriverError) in row.integer(0) }
    return Epoch(rawValue: value ?? 0)
  }

  /// True when `authority` may write for its job now.
  func admits(_ authority: Authority) throws(DriverError) -> Bool {
    guard let stored = try standing(of: authority.job) else { return false }
    return stored.standing.admits(authority, in: try epoch())
  }

  func standing(of job: JobID) throws(DriverError) -> StoredStanding? {
    try Self.find(job, derived, named) { row throws(DriverError) in
      StoredStanding(
        row: row.integer(0), stage: StageName(row.text(1)), element: row.optionalInteger(2).map { Int($0) },
        queue: QueueName(row.text(3)), policy: try SQLiteJobPolicy(row, from: 4), run: StoredRun(row, from: 7),
        isAlone: row.integer(13) != 0, standing: try Self.standing(row, from: 14))
    }
  }

  /// Finds a job by its id: through its run where the id is derived from it, else by the index of names.
  static func find<Value>(
    _ id: JobID, _ derived: SQLiteStatement, _ named: SQLiteStatement,
    _ read: (SQLiteRow) throws(DriverError) -> Value
  ) throws(DriverError) -> Value? {
    if let parts = DerivedID(id) {
      derived.bind(1, parts.run)
      derived.bind(2, parts.place)
      if let found = try derived.one(read) { return found }
    }
    named.bind(1, id.rawValue)
    return try named.one(read)
  }

  /// Changes the standing of a job that lives on.
  func update(_ job: Int64, to standing: JobStanding) throws(DriverError) {
    let statement = try transaction.connection.statement(
      """
      UPDATE jobs SET state = ?2, fence = ?3, holder = ?4, attempts = ?5, losses = ?6, due_at = ?7, started_at = ?8,
        waiting_for = ?9 WHERE sequence = ?1
      """)
    statement.bind(1, job)
    statement.bind(2, standing.state.rawValue)
    statement.bind(3, standing.fence.rawValue)
    statement.bind(4, standing.holder?.rawValue)
    statement.bind(5, Int64(standing.attempts))
    statement.bind(6, Int64(standing.losses))
    statement.bind(7, standing.dueAt)
    statement.bind(8, standing.startedAt)
    statement.bind(9, standing.waitingFor)
    try statement.execute()
  }

  /// Ends a job without a host's doing; with `other`, as that job ended, which did the same work.
  ///
  /// Its own row is changed as well: the fence and what else an end by a host leaves as it was.
  func end(_ job: Int64, as standing: JobStanding, sharing other: Int64? = nil) throws(DriverError) {
    try update(job, to: standing)
    try SQLiteEnds(transaction).insert(job, standing, sharing: other)
  }

  /// Keeps what the last attempt of a job that lives on left behind.
  func keep(_ failure: Failure?, of host: HostID, job: Int64) throws(DriverError) {
    try transaction.run(
      "UPDATE jobs SET host = ?2, failure = ?3 WHERE sequence = ?1", .integer(job), .text(host.rawValue),
      .json(failure?.json))
  }

  static func standing(_ row: SQLiteRow, from column: Int32) throws(DriverError) -> JobStanding {
    guard let state = JobState(rawValue: row.text(column)) else {
      throw DriverError(.damaged, "job_unreadable", "A job's state is none of the seven; restore from a backup.")
    }
    return JobStanding(
      state: state, fence: Fence(rawValue: row.integer(column + 1)),
      holder: row.optionalText(column + 2).map { Holder($0) }, attempts: Int(row.integer(column + 3)),
      losses: Int(row.integer(column + 4)), dueAt: Timestamp(milliseconds: row.integer(column + 5)),
      startedAt: row.optionalInteger(column + 6).map { Timestamp(milliseconds: $0) },
      finishedAt: row.optionalInteger(column + 7).map { Timestamp(milliseconds: $0) },
      waitingFor: row.optionalText(column + 8))
  }
}
