import WorkerKit

/// How jobs ended, one row each, within one transaction.
struct SQLiteEnds {
  private let insertion: SQLiteStatement

  init(_ transaction: SQLiteTransaction) throws(DriverError) {
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
}
