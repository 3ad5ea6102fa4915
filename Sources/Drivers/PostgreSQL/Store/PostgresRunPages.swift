import WorkerKit

/// A page of runs as `RunFilter` describes it, newest first, for which a bounded number of rows is looked at.
struct PostgresRunPages {
  let transaction: PostgresTransaction
  let filter: RunFilter
  /// The number of the run that the page begins behind.
  let before: Int64

  /// The most rows that one page looks at.
  static let mostRows = 10_000

  func page() throws(DriverError) -> FoundRuns {
    let runs = try transaction.rows(call).map(PostgresRunRows.run)
    return FoundRuns(runs: runs, next: try runs.count == filter.limit ? runs.last?.id : endOfRows())
  }

  private var call: PostgresCall {
    var conditions = PostgresConditions()
    let looked = lookedAt("*", with: &conditions)
    var chosen = conditions.apart
    // A word of an enumeration, not a value from outside.
    if let state = filter.state { chosen.add("\(PostgresRunRows.state) = \(state.number)") }
    chosen.add("r.tenant =", .optional(filter.tenant?.rawValue))
    chosen.add("r.pipeline =", .optional(filter.pipeline?.rawValue))
    let limit = chosen.place(of: .integer(Int64(filter.limit)))
    return (
      "\(PostgresRunRows.query(of: looked))\(chosen.text) ORDER BY r.number DESC LIMIT \(limit)", chosen.values
    )
  }

  /// The oldest run that was looked at, where there may be more behind it.
  private func endOfRows() throws(DriverError) -> RunID? {
    var conditions = PostgresConditions()
    let looked = lookedAt("id, number", with: &conditions)
    return try transaction.rows("SELECT id FROM \(looked) r OFFSET \(Self.mostRows - 1)", conditions.values)
      .first.map { RunID($0.text(0)) }
  }

  /// The newest rows; those that a replay has made have an index of their own.
  private func lookedAt(_ columns: String, with conditions: inout PostgresConditions) -> String {
    conditions.add("number <", .integer(before))
    conditions.add("replay =", .optional(filter.replay?.rawValue))
    return "(SELECT \(columns) FROM runs\(conditions.text) ORDER BY number DESC LIMIT \(Self.mostRows))"
  }
}
