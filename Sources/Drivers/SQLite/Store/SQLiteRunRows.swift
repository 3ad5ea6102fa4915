import WorkerKit

/// Reads whole runs.
enum SQLiteRunRows {
  private static let query = """
    SELECT runs.id, events.id, runs.tenant, pipeline, revision, created_at, state, finished_at, idle, problems,
      replay
    FROM runs CROSS JOIN events ON events.sequence = runs.sequence / \(RowNumbers.runsOfEvent)
    """
  static let one = SQLiteText("\(query) WHERE runs.id = ?1")
  /// A page as `RunFilter` describes it, newest first: ?1 is the number of a state, ?5 that of the run to begin before.
  static let page = SQLiteText(
    """
    \(query) WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR runs.tenant = ?2) AND (?3 IS NULL OR pipeline = ?3)
      AND (?4 IS NULL OR replay = ?4) AND (?5 IS NULL OR runs.sequence < ?5)
    ORDER BY runs.sequence DESC LIMIT ?6
    """)
  /// The runs with numbers from ?1 to ?2.
  static let range = SQLiteText("\(query) WHERE runs.sequence BETWEEN ?1 AND ?2 ORDER BY runs.sequence")

  static func run(_ row: SQLiteRow) throws(DriverError) -> RunRecord {
    RunRecord(
      id: RunID(row.text(0)), event: EventID(row.text(1)), tenant: TenantID(row.text(2)),
      pipeline: PipelineName(row.text(3)), revision: RevisionHash(row.text(4)),
      createdAt: Timestamp(milliseconds: row.integer(5)), standing: try standing(row, from: 6),
      replay: row.optionalText(10).map { ReplayID($0) })
  }

  /// How a state is stored: the commonest change, from running to succeeded, leaves the row's length as it is, and the
  /// row is written over in place.
  static func number(of state: RunStanding.State) -> Int64 { state.number }

  private static func standing(_ row: SQLiteRow, from column: Int32) throws(DriverError) -> RunStanding {
    RunStanding(
      state: RunStanding.State(number: row.integer(column)), at: Timestamp(milliseconds: row.integer(column + 1)),
      idle: try row.optionalJSON(column + 2), problems: try row.optionalJSON(column + 3))
  }
}
