public import WorkerKit

extension PostgresStore {
  public func events(_ filter: EventFilter) async throws(DriverError) -> EventPage {
    try await pool.read { transaction in try PostgresEventPages(transaction: transaction, filter: filter).page() }
  }

  public func find(_ filter: RunFilter) async throws(DriverError) -> FoundRuns {
    try await pool.read { transaction in
      var before = Int64.max
      if let run = filter.before { before = try PostgresRuns(transaction).find([run])[run]?.number ?? 0 }
      return try PostgresRunPages(transaction: transaction, filter: filter, before: before).page()
    }
  }
}

/// Reads a page of events, looking at a bounded number of rows.
private struct PostgresEventPages {
  let transaction: PostgresTransaction
  let filter: EventFilter

  /// The most rows that one page looks at.
  private static let mostRows: Int64 = 10_000

  func page() throws(DriverError) -> EventPage {
    let found = try transaction.rows(call).map(PostgresEventRows.event)
    let next = try found.count == filter.limit ? found.last?.sequence : endOfRows()
    return EventPage(events: found, next: next)
  }

  private var cursor: PostgresValue { .integer(filter.cursor ?? (filter.isOldestFirst ? 0 : .max)) }

  private var call: PostgresCall {
    var conditions = PostgresConditions()
    let looked = lookedAt(conditions.place(of: cursor), conditions.place(of: .integer(Self.mostRows)))
    conditions.add("tenant =", .optional(filter.tenant?.rawValue))
    conditions.add("type =", .optional(filter.type))
    conditions.add("recorded_at >=", .moment(filter.from))
    conditions.add("recorded_at <", .moment(filter.until))
    let limit = conditions.place(of: .integer(Int64(filter.limit)))
    return (
      """
      SELECT \(PostgresEventRows.columns) FROM (\(looked)) e\(conditions.text)
      ORDER BY e.sequence \(direction) LIMIT \(limit)
      """,
      conditions.values
    )
  }

  /// Where the rows end that were looked at; nil where there are no more behind them.
  private func endOfRows() throws(DriverError) -> Int64? {
    let edge = filter.isOldestFirst ? "max" : "min"
    let row = try transaction.rows(
      "SELECT \(edge)(sequence), count(*) FROM (\(lookedAt("$1", "$2", columns: "sequence"))) e",
      [cursor, .integer(Self.mostRows)]
    ).first
    return row.flatMap { $0.integer(1) == Self.mostRows ? $0.optionalInteger(0) : nil }
  }

  private var direction: String { filter.isOldestFirst ? "ASC" : "DESC" }

  private func lookedAt(_ cursor: String, _ most: String, columns: String = "*") -> String {
    """
    SELECT \(columns) FROM events WHERE sequence \(filter.isOldestFirst ? ">" : "<") \(cursor)
    ORDER BY sequence \(direction) LIMIT \(most)
    """
  }
}

/// Reads whole events.
enum PostgresEventRows {
  /// The columns of `e` that `event` reads.
  static let columns = "e.sequence, e.envelope, e.recorded_at, \(PostgresRoutings.moment)"

  static func event(_ row: PostgresRow) throws(DriverError) -> EventRecord {
    EventRecord(
      sequence: row.integer(0), envelope: try EventEnvelope.restore(row.bytes(1)), recordedAt: row.moment(2),
      routedAt: row.optionalMoment(3))
  }
}
