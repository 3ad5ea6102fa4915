public import WorkerKit

extension SQLiteStore {
  public func events(_ filter: EventFilter) async throws(DriverError) -> EventPage {
    try await database.read { transaction in try SQLiteEventPages(transaction: transaction, filter: filter).page() }
  }

  public func find(_ filter: RunFilter) async throws(DriverError) -> FoundRuns {
    try await database.read { transaction in
      let before = try filter.before.map { before throws(DriverError) in
        try StoredRun.find(before, transaction)?.row ?? 0
      }
      let runs = try transaction.connection.statement(SQLiteRunRows.page).rows(
        [
          filter.state.map { .integer(SQLiteRunRows.number(of: $0)) } ?? .null, .optional(filter.tenant?.rawValue),
          .optional(filter.pipeline?.rawValue), .optional(filter.replay?.rawValue),
          before.map { .integer($0) } ?? .null, .integer(Int64(filter.limit)),
        ], SQLiteRunRows.run)
      return FoundRuns(runs: runs, next: runs.count == filter.limit ? runs.last?.id : nil)
    }
  }
}

/// Reads a page of events, looking at a bounded number of rows.
private struct SQLiteEventPages {
  let transaction: SQLiteTransaction
  let filter: EventFilter

  /// The most rows that one page looks at.
  private static let mostRows: Int64 = 10_000

  func page() throws(DriverError) -> EventPage {
    let found = try rows()
    let next = try found.count == filter.limit ? found.last?.sequence : endOfRows()
    // The type stands within the envelope, where other texts may look like it.
    return EventPage(events: found.filter(filter.admits), next: next)
  }

  private var cursor: SQLiteValue { .integer(filter.cursor ?? (filter.isOldestFirst ? 0 : .max)) }

  private func rows() throws(DriverError) -> [EventRecord] {
    let type = filter.type.map { type in SQLiteValue.bytes(Array("\"type\":\(JSON.string(type).text())".utf8)) }
    return try transaction.connection.statement(filter.isOldestFirst ? Self.oldestFirst : Self.newestFirst).rows(
      [
        cursor, .integer(Self.mostRows), .optional(filter.tenant?.rawValue), .moment(filter.from),
        .moment(filter.until), type ?? .null, .integer(Int64(filter.limit)),
      ]
    ) { row throws(DriverError) in
      EventRecord(
        sequence: row.integer(0), envelope: try EventEnvelope.restore(row.bytes(1)),
        recordedAt: Timestamp(milliseconds: row.integer(2)),
        routedAt: row.optionalInteger(3).map { Timestamp(milliseconds: $0) })
    }
  }

  /// Where the rows end that were looked at; nil where there are no more behind them.
  private func endOfRows() throws(DriverError) -> Int64? {
    let sql: StaticString =
      filter.isOldestFirst
      ? """
      SELECT max(sequence), count(*) FROM (
        SELECT sequence FROM events WHERE sequence > ?1 ORDER BY sequence LIMIT ?2)
      """
      : """
      SELECT min(sequence), count(*) FROM (
        SELECT sequence FROM events WHERE sequence < ?1 ORDER BY sequence DESC LIMIT ?2)
      """
    let end = try transaction.connection.statement(sql).rows([cursor, .integer(Self.mostRows)]) {
      row throws(DriverError) in (row.optionalInteger(0), row.integer(1))
    }
    return end.first.flatMap { $0.1 == Self.mostRows ? $0.0 : nil }
  }

  private static let oldestFirst = page("> ?1", "")
  private static let newestFirst = page("< ?1", "DESC")

  private static func page(_ beyond: String, _ direction: String) -> SQLiteText {
    SQLiteText(
      """
      SELECT events.sequence, envelope, recorded_at, \(SQLiteRouting.moment) FROM (
        SELECT sequence, tenant, envelope, recorded_at FROM events WHERE sequence \(beyond)
        ORDER BY sequence \(direction) LIMIT ?2) AS events
        LEFT JOIN unplanned ON unplanned.event = events.sequence
      WHERE (?3 IS NULL OR tenant = ?3) AND (?4 IS NULL OR recorded_at >= ?4) AND (?5 IS NULL OR recorded_at < ?5)
        AND (?6 IS NULL OR instr(envelope, ?6) > 0)
      ORDER BY events.sequence \(direction) LIMIT ?7
      """)
  }
}
