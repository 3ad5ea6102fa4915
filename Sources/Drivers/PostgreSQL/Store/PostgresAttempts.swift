import WorkerKit

/// The ledger: what ended each fence of a job, written once.
///
/// What ended the newest fence of a job that is over stands in `jobs`, so that the commonest job, one that succeeds at
/// once, costs no row here; a replay moves it here before it raises the fence.
struct PostgresAttempts {
  let transaction: PostgresTransaction

  init(_ transaction: PostgresTransaction) { self.transaction = transaction }

  func insert(_ records: [(job: Int64, record: AttemptRecord)]) throws(DriverError) {
    guard !records.isEmpty else { return }
    let all = records.map(\.record)
    try transaction.run(
      Self.insertion,
      [
        .integers(records.map(\.job)), .integers(all.map(\.fence.rawValue)), .integers(all.map { Int64($0.attempt) }),
        .texts(all.map { $0.holder?.rawValue }), .texts(all.map { $0.host?.rawValue }),
        .integers(all.map { $0.startedAt?.milliseconds }), .integers(all.map(\.finishedAt.milliseconds)),
        .texts(all.map(\.outcome)), .byteRows(all.map { $0.failure?.json.bytes() }),
      ])
  }

  /// Copies a job's end into the ledger, because the job is about to live again.
  func keepEnd(of job: Int64) throws(DriverError) {
    try transaction.run(
      """
      INSERT INTO attempts (job, fence, attempt, holder, host, started_at, finished_at, outcome, failure)
      SELECT number, fence, attempts, holder, host, started_at, finished_at, \(Self.outcome), failure
      FROM jobs WHERE number = $1
      """, [.integer(job)])
  }

  /// The record of a lost lease; the start is that of this fence only when somebody had begun under it.
  static func loss(of job: StoredJob, at now: Timestamp) -> (job: Int64, record: AttemptRecord) {
    let standing = job.standing
    let record = AttemptRecord(
      job: job.id, fence: standing.fence, attempt: standing.attempts + 1, holder: standing.holder, host: nil,
      startedAt: standing.holder == nil ? nil : standing.startedAt, finishedAt: now, outcome: AttemptRecord.lost,
      failure: nil)
    return (job.number, record)
  }

  /// True when it was `authority` that settled its fence; a lost lease is no settlement.
  func settled(_ authority: Authority, _ job: StoredJob) throws(DriverError) -> Bool {
    if !job.standing.state.isLive, job.standing.fence == authority.fence {
      return job.standing.holder == authority.holder
    }
    let rows = try transaction.rows(
      "SELECT holder FROM attempts WHERE job = $1 AND fence = $2 AND outcome <> 'lost'",
      [.integer(job.number), .integer(authority.fence.rawValue)])
    return rows.first?.optionalText(0) == .some(authority.holder.rawValue)
  }

  /// How an end in `jobs` reads as an outcome: as in the ledger.
  private static let outcome = """
    CASE state WHEN \(JobState.succeeded.stored) THEN 'succeeded' WHEN \(JobState.cancelled.stored) THEN 'cancelled'
      WHEN \(JobState.failed.stored) THEN 'failed' ELSE 'timed_out' END
    """

  private static let insertion = """
    INSERT INTO attempts (job, fence, attempt, holder, host, started_at, finished_at, outcome, failure)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::bigint[],
      $8::text[], $9::bytea[])
    """

  /// What happened to the job $1, oldest first.
  static let history = """
    SELECT fence, attempt, holder, host, started_at, finished_at, outcome, failure FROM attempts WHERE job = $1
    UNION ALL
    SELECT fence, attempts, holder, host, started_at, finished_at, \(outcome), failure FROM jobs WHERE number = $1
    ORDER BY 1
    """
}
