import WorkerKit

/// How jobs ended, one row each, within one transaction.
struct SQLiteEnds {
  private let transaction: SQLiteTransaction
  private let insertion: SQLiteStatement

  init(_ transaction: SQLiteTransaction) throws(DriverError) {
    self.transaction = transaction
    insertion = try transaction.connection.statement(
      """
      INSERT INTO ends (job, state, holder, attempts, host, started_at, finished_at, output, artifacts, failure)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
      """)
  }

  /// Ends a job with what its attempt left behind.
  func insert(_ job: Int64, _ standing: JobStanding, _ settlement: Settlement, at now: Timestamp) throws(DriverError) {
    insertion.bind(1, job)
    insertion.bind(2, standing.state.rawValue)
    insertion.bind(3, standing.holder?.rawValue)
    insertion.bind(4, Int64(standing.attempts))
    insertion.bind(5, settlement.host.rawValue)
    insertion.bind(6, standing.startedAt)
    insertion.bind(7, now)
    if case .succeeded(let output, let artifacts) = settlement.outcome {
      insertion.bind(8, output)
      insertion.bind(9, artifacts.isEmpty ? nil : JSON.array(artifacts.map(\.json)).bytes())
    } else {
      insertion.bindNull(8)
      insertion.bindNull(9)
    }
    insertion.bind(10, settlement.outcome.failure?.json.bytes())
    try insertion.execute()
  }

  /// Ends a job without a host's doing: with the output, artifacts and failure of the job `other`, which did the same
  /// work, or with what its own last attempt left behind.
  func insert(_ job: Int64, _ standing: JobStanding, sharing other: Int64? = nil) throws(DriverError) {
    try transaction.run(
      """
      INSERT OR REPLACE INTO ends (job, state, holder, attempts, started_at, finished_at, reason, output, artifacts,
        failure)
      SELECT jobs.sequence, ?2, ?3, ?4, ?5, ?6, ?7, done.output, done.artifacts,
        CASE WHEN ?8 IS NULL THEN jobs.failure ELSE done.failure END
      FROM jobs LEFT JOIN ends AS done ON done.job = ?8 WHERE jobs.sequence = ?1
      """, .integer(job), .text(standing.state.rawValue), .optional(standing.holder?.rawValue),
      .integer(Int64(standing.attempts)), .moment(standing.startedAt),
      .moment(standing.finishedAt), .optional(standing.waitingFor), other.map { .integer($0) } ?? .null)
  }

  /// Forgets how a job ended, since it lives again.
  func remove(_ job: Int64) throws(DriverError) {
    try transaction.run("DELETE FROM ends WHERE job = ?1", .integer(job))
  }
}
