import WorkerKit

/// The runs table within one transaction.
struct PostgresRuns {
  let transaction: PostgresTransaction

  init(_ transaction: PostgresTransaction) { self.transaction = transaction }

  /// Locks runs, lowest number first: whoever plans a run on holds it until the transaction ends.
  func lock(_ numbers: [Int64]) throws(DriverError) {
    try transaction.run(Self.locking, [.integers(numbers)])
  }

  /// How many runs an event has numbers given to: the ordinal of the next one.
  func count(of event: Int64) throws(DriverError) -> Int64 {
    let first = RowNumbers.firstRun(of: event)
    let rows = try transaction.rows(
      "SELECT number FROM runs WHERE number >= $1 AND number < $2 ORDER BY number DESC LIMIT 1",
      [.integer(first), .integer(first + RowNumbers.runsOfEvent)])
    return rows.first.map { $0.integer(0) - first + 1 } ?? 0
  }

  func find(_ ids: [RunID]) throws(DriverError) -> [RunID: StoredRun] {
    guard !ids.isEmpty else { return [:] }
    let rows = try transaction.rows(Self.byID, [.texts(ids.map(\.rawValue))])
    let runs = try rows.map { row throws(DriverError) in
      StoredRun(
        number: row.integer(0), id: RunID(row.text(1)), tenant: TenantID(row.text(2)),
        pipeline: PipelineName(row.text(3)), revision: RevisionHash(row.text(4)))
    }
    return Dictionary(runs.map { ($0.id, $0) }) { first, _ in first }
  }

  /// How those of these runs stand of which it is kept for itself.
  func states(of numbers: [Int64]) throws(DriverError) -> [Int64: RunStanding.State] {
    let rows = try transaction.rows("SELECT run, state FROM run_standings WHERE run = ANY($1)", [.integers(numbers)])
    var states: [Int64: RunStanding.State] = [:]
    for row in 0..<rows.count { states[rows.integer(row, 0)] = RunStanding.State(number: rows.integer(row, 1)) }
    return states
  }

  /// Says of a run that it goes on, or that a person ended it, whatever else is kept of it.
  func set(_ state: RunStanding.State, of run: Int64, at now: Timestamp) throws(DriverError) {
    try transaction.run(
      """
      INSERT INTO run_standings (run, state, finished_at) VALUES ($1, $2::bigint, $3)
      ON CONFLICT (run) DO UPDATE SET state = excluded.state, finished_at = excluded.finished_at
      """, [.integer(run), .integer(state.number), .moment(now)])
  }

  /// The jobs of runs as their planner sees them, and what a new job needs beside them.
  func jobs(of runs: [Int64]) throws(DriverError) -> [Int64: PostgresRunJobs] {
    var all: [Int64: PostgresRunJobs] = [:]
    let rows = try transaction.rows(Self.results, [.integers(runs)])
    for index in 0..<rows.count {
      let row = PostgresRow(rows: rows, index: index)
      let number = row.integer(0)
      let result = StageResult(
        state: try JobState(stored: row.integer(3)), output: row.optionalBytes(4),
        failure: try row.optionalJSON(5).flatMap { Failure(json: $0) }, waitingFor: row.optionalText(6))
      all[RowNumbers.run(of: number), default: PostgresRunJobs()].add(
        number, result, of: StageName(row.text(1)), element: row.optionalInteger(2).map { Int($0) },
        context: row.optionalBytes(7))
    }
    return all
  }

  static let locking = "SELECT number FROM runs WHERE number = ANY($1) ORDER BY number FOR NO KEY UPDATE"
  private static let byID = "SELECT number, id, tenant, pipeline, revision FROM runs WHERE id = ANY($1)"

  // The event's log fields stand in each of a run's jobs; those of the first will do.
  static let results = """
    SELECT j.number, k.stage, j.element, j.state, j.output, j.failure, j.waiting_for, j.context
    FROM unnest($1::bigint[]) AS r(number), LATERAL (
      SELECT number, kind, element, state, output, failure, waiting_for, \(firstContext) AS context FROM jobs
      WHERE number >= r.number * \(RowNumbers.jobsOfRun) AND number < (r.number + 1) * \(RowNumbers.jobsOfRun)
      UNION ALL
      SELECT number, kind, element, state, NULL::bytea, failure, waiting_for, \(firstContext) FROM live
      WHERE number >= r.number * \(RowNumbers.jobsOfRun) AND number < (r.number + 1) * \(RowNumbers.jobsOfRun)
    ) j JOIN kinds k ON k.id = j.kind
    """
  private static let firstContext = "CASE WHEN number % \(RowNumbers.jobsOfRun) = 0 THEN context END"
}

/// The jobs of one run.
struct PostgresRunJobs {
  private(set) var results = RunResults()
  /// The ordinal of the next job.
  private(set) var next = Int64(0)
  /// The event's log fields, as every job of the run carries them.
  private(set) var context: [UInt8]?

  mutating func add(
    _ number: Int64, _ result: StageResult, of stage: StageName, element: Int?, context: [UInt8]?
  ) {
    results.add(result, of: stage, element: element)
    next = max(next, number % RowNumbers.jobsOfRun + 1)
    if let context { self.context = context }
  }
}

/// Reads the event of a run when a plan asks for it: most do not.
// Unchecked because only the plan uses it, on the connection's thread and inside the transaction.
struct PostgresEventReader: @unchecked Sendable {
  let transaction: PostgresTransaction
  let event: Int64

  func read() throws(DriverError) -> [UInt8] {
    try transaction.rows("SELECT envelope FROM events WHERE sequence = $1", [.integer(event)]).first?.bytes(0) ?? []
  }
}
