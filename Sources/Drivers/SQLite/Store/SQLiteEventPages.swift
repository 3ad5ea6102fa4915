public import WorkerKit

extension SQLiteStore {
  public func events(_ filter: EventFilter) async throws(DriverError) -> EventPage {
    try await database.read { transaction in try SQLiteEventPages(transaction: transaction, filter: filter).page() }
  }

  public func runs(_ filter: RunFilter) async throws(DriverError) -> [RunRecord] {
    try await database.read { transaction in
      try transaction.connection.statement(
        """
        SELECT runs.id, events.id, runs.tenant, pipeline, revision, created_at, state, finished_at, idle, problems,
          replay
        FROM runs JOIN events ON events.sequence = runs.event
        WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR runs.tenant = ?2) AND (?3 IS NULL OR pipeline = ?3)
          AND (?4 IS NULL OR replay = ?4)
          AND (?5 IS NULL OR runs.sequence < (SELECT sequence FROM runs WHERE id = ?5))
        ORDER BY runs.sequence DESC LIMIT ?6
        """
      ).rows(
        [
          .optional(filter.state?.rawValue), .optional(filter.tenant?.rawValue), .optional(filter.pipeline?.rawValue),
          .optional(filter.replay?.rawValue), .optional(filter.before?.rawValue), .integer(Int64(filter.limit)),
        ], SQLiteJobRows.run)
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

  private static let oldestFirst: StaticString = """
    SELECT sequence, envelope, recorded_at, routed_at FROM (
      SELECT sequence, tenant, envelope, recorded_at, routed_at FROM events WHERE sequence > ?1
      ORDER BY sequence LIMIT ?2)
    WHERE (?3 IS NULL OR tenant = ?3) AND (?4 IS NULL OR recorded_at >= ?4) AND (?5 IS NULL OR recorded_at < ?5)
      AND (?6 IS NULL OR instr(envelope, ?6) > 0)
    ORDER BY sequence LIMIT ?7
    """

  private static let newestFirst: StaticString = """
    SELECT sequence, envelope, recorded_at, routed_at FROM (
      SELECT sequence, tenant, envelope, recorded_at, routed_at FROM events WHERE sequence < ?1
      ORDER BY sequence DESC LIMIT ?2)
    WHERE (?3 IS NULL OR tenant = ?3) AND (?4 IS NULL OR recorded_at >= ?4) AND (?5 IS NULL OR recorded_at < ?5)
      AND (?6 IS NULL OR instr(envelope, ?6) > 0)
    ORDER BY sequence DESC LIMIT ?7
    """
}
