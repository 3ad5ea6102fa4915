import WorkerKit

/// A job's standing and what settling needs beside it.
struct StoredStanding {
  /// The job's row; rows refer to each other by number, ids are for the world outside.
  let row: Int64
  let run: Int64
  let queue: QueueName
  let policy: SQLiteJobPolicy
  let standing: JobStanding

  /// True for a job that something orders among others.
  var isOrdered: Bool { policy.ordering != nil }

  /// The entry that tells the queue of a new standing of this job.
  func entry(_ job: JobID, _ next: JobStanding, at now: Timestamp) -> StoredEntry {
    StoredEntry(
      row: row,
      entry: QueueEntry(
        job: job, fence: next.fence, queue: queue, delay: max(.zero, next.dueAt - now), priority: policy.priority,
        lease: policy.lease))
  }
}

/// The jobs table, row by row, within one transaction.
struct SQLiteJobs {
  private let transaction: SQLiteTransaction

  init(_ transaction: SQLiteTransaction) { self.transaction = transaction }

  /// The epoch in force.
  func epoch() throws(DriverError) -> Epoch {
    let value = try transaction.connection.statement("SELECT value FROM meta WHERE key = 'epoch'")
      .first { $0.integer(0) }
    return Epoch(rawValue: value ?? 0)
  }

  /// True when `authority` may write for its job now.
  func admits(_ authority: Authority) throws(DriverError) -> Bool {
    guard let stored = try standing(of: authority.job) else { return false }
    return stored.standing.admits(authority, in: try epoch())
  }

  func standing(of job: JobID) throws(DriverError) -> StoredStanding? {
    try transaction.connection.statement(
      """
      SELECT sequence, run, queue, state, fence, holder, attempts, losses, due_at, started_at, finished_at, waiting_for,
        policy
      FROM jobs WHERE id = ?1
      """
    ).first(.text(job.rawValue)) { row throws(DriverError) in
      StoredStanding(
        row: row.integer(0), run: row.integer(1), queue: QueueName(row.text(2)),
        policy: SQLiteJobPolicy(try row.optionalJSON(12)), standing: try Self.standing(row, from: 3))
    }
  }

  func update(_ job: Int64, to standing: JobStanding) throws(DriverError) {
    try transaction.connection.statement(
      """
      UPDATE jobs SET state = ?2, fence = ?3, holder = ?4, attempts = ?5, losses = ?6, due_at = ?7, started_at = ?8,
        finished_at = ?9, waiting_for = ?10 WHERE sequence = ?1
      """
    ).run([.integer(job)] + Self.values(of: standing))
  }

  /// Takes away the host of the attempt before, since no host ended the job.
  func forgetHost(of job: Int64) throws(DriverError) {
    try transaction.connection.statement("UPDATE jobs SET host = NULL WHERE sequence = ?1").run(.integer(job))
  }

  /// Ends a job, or sends it back, with what its attempt left behind.
  func settle(_ job: Int64, to standing: JobStanding, _ settlement: Settlement) throws(DriverError) {
    var output = SQLiteValue.null
    var artifacts = SQLiteValue.null
    if case .succeeded(let bytes, let stored) = settlement.outcome {
      output = .bytes(bytes)
      artifacts = stored.isEmpty ? .null : .bytes(JSON.array(stored.map(\.json)).bytes())
    }
    try transaction.connection.statement(
      """
      UPDATE jobs SET state = ?2, fence = ?3, holder = ?4, attempts = ?5, losses = ?6, due_at = ?7, started_at = ?8,
        finished_at = ?9, waiting_for = ?10, host = ?11, output = ?12, artifacts = ?13, failure = ?14
      WHERE sequence = ?1
      """
    ).run(
      [.integer(job)] + Self.values(of: standing) + [
        .text(settlement.host.rawValue), output, artifacts, .json(settlement.outcome.failure?.json),
      ])
  }

  /// Creates a job; nil when its run has one for that stage already, the second wall against a lost join.
  func insert(_ new: NewJob, run: Int64, context: SQLiteValue, at now: Timestamp) throws(DriverError) -> StoredEntry? {
    let input: [SQLiteValue] =
      switch new.input {
      case .resolved(let bytes): [.bytes(bytes), .null]
      case .unresolved(let reference): [.null, .text(reference)]
      }
    let standing = JobStanding(createdAt: now)
    try transaction.connection.statement(
      """
      INSERT INTO jobs (id, run, stage, worker, queue, input, unresolved, context, created_at,
        state, fence, holder, attempts, losses, due_at, started_at, finished_at, waiting_for,
        element, policy)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
      ON CONFLICT DO NOTHING
      """
    ).run(
      [
        .text(new.id.rawValue), .integer(run), .text(new.stage.rawValue), .text(new.worker.rawValue),
        .text(new.queue.rawValue),
      ] + input + [context, .moment(now)] + Self.values(of: standing) + [
        .integer(new.index.map { Int64($0) } ?? -1), SQLiteJobPolicy(new).value,
      ])
    guard transaction.connection.changes == 1 else { return nil }
    return StoredEntry(
      row: transaction.connection.lastInsertedRow,
      entry: QueueEntry(
        job: new.id, fence: standing.fence, queue: new.queue, priority: new.priority, lease: new.lease))
  }

  /// state, fence, holder, attempts, losses, due_at, started_at, finished_at, waiting_for
  private static func values(of standing: JobStanding) -> [SQLiteValue] {
    [
      .text(standing.state.rawValue), .integer(standing.fence.rawValue), .optional(standing.holder?.rawValue),
      .integer(Int64(standing.attempts)), .integer(Int64(standing.losses)), .moment(standing.dueAt),
      .moment(standing.startedAt), .moment(standing.finishedAt), .optional(standing.waitingFor),
    ]
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
