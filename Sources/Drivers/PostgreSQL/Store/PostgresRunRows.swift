import WorkerKit

/// Reads whole runs.
enum PostgresRunRows {
  /// How a run stands: as is kept of it, or else as its only job says, or else it runs.
  static let state = "coalesce(s.state, j.run_state, 0)"
  static let finishedAt = "coalesce(s.finished_at, j.finished_at, 0)"
  static let tables = "runs r \(besideRuns)"
  private static let query = query(of: "runs")
  static let one = "\(query) WHERE r.id = $1"

  /// Whole runs of a table, or of a choice of its rows.
  static func query(of runs: String) -> String {
    """
    SELECT r.id, e.id, r.tenant, r.pipeline, r.revision, r.created_at, \(state), \(finishedAt), s.idle, s.problems,
      r.replay, r.number
    FROM \(runs) r \(besideRuns) JOIN events e ON e.sequence = r.number / \(RowNumbers.runsOfEvent)
    """
  }

  private static let besideRuns = """
    LEFT JOIN run_standings s ON s.run = r.number
      LEFT JOIN jobs j ON j.number = r.number * \(RowNumbers.jobsOfRun)
    """

  /// The runs with numbers from $1 up to $2.
  static let range = "\(query) WHERE r.number >= $1 AND r.number < $2 ORDER BY r.number"

  static func run(_ row: PostgresRow) throws(DriverError) -> RunRecord {
    RunRecord(
      id: RunID(row.text(0)), event: EventID(row.text(1)), tenant: TenantID(row.text(2)),
      pipeline: PipelineName(row.text(3)), revision: RevisionHash(row.text(4)), createdAt: row.moment(5),
      standing: RunStanding(
        state: RunStanding.State(number: row.integer(6)), at: row.moment(7), idle: try row.optionalJSON(8),
        problems: try row.optionalJSON(9)),
      replay: row.optionalText(10).map { ReplayID($0) })
  }

  static func state(of run: Int64, _ transaction: PostgresTransaction) throws(DriverError) -> RunStanding.State {
    let rows = try transaction.rows("SELECT \(state) FROM \(tables) WHERE r.number = $1", [.integer(run)])
    return RunStanding.State(number: rows.first?.integer(0) ?? 0)
  }
}

/// Conditions of a query that are put together one by one, and their values.
struct PostgresConditions {
  private var parts: [String] = []
  private(set) var values: [PostgresValue] = []

  /// A condition without a value.
  mutating func add(_ condition: String) { parts.append(condition) }

  /// A condition that compares with a value; none where the value is NULL.
  mutating func add(_ condition: String, _ value: PostgresValue) {
    if case .null = value { return }
    values.append(value)
    parts.append("\(condition) $\(values.count)")
  }

  /// The place of a value that is used otherwise.
  mutating func place(of value: PostgresValue) -> String {
    values.append(value)
    return "$\(values.count)"
  }

  /// The same values without a condition: for a query around one that has these.
  var apart: PostgresConditions {
    var conditions = self
    conditions.parts = []
    return conditions
  }

  /// True where everything is meant.
  var isEmpty: Bool { parts.isEmpty }

  /// WHERE and the conditions; empty where there are none.
  var text: String { parts.isEmpty ? "" : " WHERE \(parts.joined(separator: " AND "))" }
}
