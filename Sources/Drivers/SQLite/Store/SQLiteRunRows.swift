import WorkerKit

/// Reads whole runs.
enum SQLiteRunRows {
  private static let query = """
    SELECT runs.id, events.id, runs.tenant, pipeline, revision, created_at, state, finished_at, idle, problems
    FROM runs CROSS JOIN events ON events.sequence = runs.sequence / \(SQLiteNumbers.runsOfEvent)
    """
  static let one = SQLiteText("\(query) WHERE runs.id = ?1")
  /// The runs with numbers from ?1 to ?2.
  static let range = SQLiteText("\(query) WHERE runs.sequence BETWEEN ?1 AND ?2 ORDER BY runs.sequence")

  static func run(_ row: SQLiteRow) throws(DriverError) -> RunRecord {
    RunRecord(
      id: RunID(row.text(0)), event: EventID(row.text(1)), tenant: TenantID(row.text(2)),
      pipeline: PipelineName(row.text(3)), revision: RevisionHash(row.text(4)),
      createdAt: Timestamp(milliseconds: row.integer(5)), standing: try standing(row, from: 6))
  }

  /// How a state is stored: the commonest change, from running to succeeded, leaves the row's length as it is, and the
  /// row is written over in place.
  static func number(of state: RunStanding.State) -> Int64 {
    switch state {
    case .running: 0
    case .succeeded: 1
    case .failed: 2
    }
  }

  private static func standing(_ row: SQLiteRow, from column: Int32) throws(DriverError) -> RunStanding {
    let state: RunStanding.State =
      switch row.integer(column) {
      case 1: .succeeded
      case 2: .failed
      default: .running
      }
    var standing = RunStanding(
      state: state, finishedAt: state == .running ? nil : Timestamp(milliseconds: row.integer(column + 1)))
    if case .object(let idle)? = try row.optionalJSON(column + 2) {
      for (stage, value) in idle {
        guard case .string(let word)? = value["kind"], let kind = IdleStage.Kind(rawValue: word),
          case .string(let reason)? = value["reason"]
        else { continue }
        standing.idle[StageName(stage)] = IdleStage(kind, reason: reason)
      }
    }
    if case .array(let problems)? = try row.optionalJSON(column + 3) {
      standing.problems = problems.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }
    return standing
  }
}
