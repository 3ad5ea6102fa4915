import WorkerKit

/// A job's standing and what settling needs beside it.
struct StoredStanding {
  let run: String
  let queue: QueueName
  let standing: JobStanding
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
      SELECT run, queue, state, fence, holder, attempts, losses, due_at, started_at, finished_at, waiting_for
      FROM jobs WHERE id = ?1
      """
    ).first(.text(job.rawValue)) { row throws(DriverError) in
      StoredStanding(
        run: row.text(0), queue: QueueName(row.text(1)), standing: try Self.standing(row, from: 2))
    }
  }

  func update(_ job: JobID, to standing: JobStanding) throws(DriverError) {
    try transaction.connection.statement(
      """
      UPDATE jobs SET state = ?2, fence = ?3, holder = ?4, attempts = ?5, losses = ?6, due_at = ?7, started_at = ?8,
        finished_at = ?9, waiting_for = ?10 WHERE id = ?1
      """
    ).run([.text(job.rawValue)] + Self.values(of: standing))
  }

  /// Ends a job, or sends it back, with what its attempt left behind.
  func settle(_ job: JobID, to standing: JobStanding, outcome: Outcome) throws(DriverError) {
    var output = SQLiteValue.null
    var artifacts = SQLiteValue.null
    if case .succeeded(let bytes, let stored) = outcome {
      output = .bytes(bytes)
      artifacts = stored.isEmpty ? .null : .bytes(JSON.array(stored.map(\.json)).bytes())
    }
    try transaction.connection.statement(
      """
      UPDATE jobs SET state = ?2, fence = ?3, holder = ?4, attempts = ?5, losses = ?6, due_at = ?7, started_at = ?8,
        finished_at = ?9, waiting_for = ?10, output = ?11, artifacts = ?12, failure = ?13 WHERE id = ?1
      """
    ).run(
      [.text(job.rawValue)] + Self.values(of: standing) + [output, artifacts, .json(outcome.failure?.json)])
  }

  /// Creates a job; false when its run has one for that stage already, the second wall against a lost join.
  func insert(_ job: Job) throws(DriverError) -> Bool {
    let input: [SQLiteValue] =
      switch job.input {
      case .resolved(let bytes): [.bytes(bytes), .null]
      case .unresolved(let reference): [.null, .text(reference)]
      }
    let identity: [SQLiteValue] = [
      .text(job.id.rawValue), .text(job.run.rawValue), .text(job.stage.rawValue), .text(job.tenant.rawValue),
      .text(job.pipeline.rawValue), .text(job.revision.rawValue), .text(job.worker.rawValue),
      .text(job.queue.rawValue),
    ]
    let context: SQLiteValue = job.context.isEmpty ? .null : .json(.object(job.context.mapValues { .string($0) }))
    let standing = Self.values(of: job.standing)
    try transaction.connection.statement(
      """
      INSERT INTO jobs (id, run, stage, tenant, pipeline, revision, worker, queue, input, unresolved, context,
        created_at, state, fence, holder, attempts, losses, due_at, started_at, finished_at, waiting_for)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)
      ON CONFLICT DO NOTHING
      """
    ).run(identity + input + [context, .integer(job.createdAt.milliseconds)] + standing)
    return transaction.connection.changes == 1
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
