import WorkerKit

/// The ledger: what ended each fence of a job, written once.
///
/// What ended the newest fence of a job that is over stands in `ends`, so that the commonest job, one that succeeds at
/// once, costs no row here; a replay moves it here before it raises the fence.
struct SQLiteAttempts {
  let transaction: SQLiteTransaction

  func insert(_ record: AttemptRecord, of job: Int64) throws(DriverError) {
    try transaction.connection.statement(
      """
      INSERT INTO attempts (job, fence, attempt, holder, host, started_at, finished_at, outcome, failure)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
      """
    ).run(
      .integer(job), .integer(record.fence.rawValue), .integer(Int64(record.attempt)),
      .optional(record.holder?.rawValue), .optional(record.host?.rawValue), .moment(record.startedAt),
      .moment(record.finishedAt), .text(record.outcome), .json(record.failure?.json))
  }

  /// Moves a job's end into the ledger, because the job is about to live again.
  func keepEnd(of job: Int64) throws(DriverError) {
    try transaction.run(
      """
      INSERT INTO attempts (job, fence, attempt, holder, host, started_at, finished_at, outcome, failure)
      SELECT job, fence, ends.attempts, ends.holder, ends.host, ends.started_at, finished_at, lower(ends.state),
        ends.failure
      FROM ends JOIN jobs ON sequence = job WHERE job = ?1
      """, .integer(job))
    try transaction.run(
      "UPDATE jobs SET (host, failure) = (SELECT host, failure FROM ends WHERE job = ?1) WHERE sequence = ?1",
      .integer(job))
    try SQLiteEnds(transaction).remove(job)
  }

  /// Records that a lease was lost; the start is that of this fence only when somebody had begun under it.
  func insertLoss(of claim: FencedJob, _ stored: StoredStanding, at now: Timestamp) throws(DriverError) {
    let standing = stored.standing
    try insert(
      AttemptRecord(
        job: claim.job, fence: claim.fence, attempt: standing.attempts + 1, holder: standing.holder, host: nil,
        startedAt: standing.holder == nil ? nil : standing.startedAt, finishedAt: now, outcome: AttemptRecord.lost,
        failure: nil), of: stored.row)
  }

  /// True when it was `authority` that settled its fence; a lost lease is no settlement.
  func settled(_ authority: Authority, _ stored: StoredStanding) throws(DriverError) -> Bool {
    if !stored.standing.state.isLive, stored.standing.fence == authority.fence {
      return stored.standing.holder == authority.holder
    }
    let holder = try transaction.connection.statement(
      "SELECT holder FROM attempts WHERE job = ?1 AND fence = ?2 AND outcome <> 'lost'"
    ).first(.integer(stored.row), .integer(authority.fence.rawValue)) { row throws(DriverError) in row.optionalText(0) }
    return holder == .some(authority.holder.rawValue)
  }
}
