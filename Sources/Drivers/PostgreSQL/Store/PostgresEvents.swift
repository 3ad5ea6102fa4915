public import WorkerKit

/// Keeps events within one transaction.
enum PostgresEvents {
  /// Keeps those that are new, in order. The keys are taken sorted, so that batches with the same events do not wait
  /// for each other in a circle; places are given before that.
  /// - Returns: The call; its rows are the places of those kept, counted from 1, and their numbers.
  static func insertion(_ events: [(envelope: EventEnvelope, bytes: [UInt8])], at now: Timestamp) -> PostgresCall {
    var rows = PostgresColumns([
      ("id", .texts(events.map(\.envelope.id.rawValue))), ("tenant", .texts(events.map(\.envelope.tenant.rawValue))),
      ("source", .texts(events.map(\.envelope.source))), ("type", .texts(events.map(\.envelope.type))),
      ("envelope", .byteRows(events.map(\.bytes))),
    ])
    let moment = rows.add(.moment(now), as: "bigint")
    return (insert(rows, moment: moment), rows.parameters)
  }

  /// Keeps those that are new; answers for each, and gives the number of the last.
  static func keep(
    _ events: [(envelope: EventEnvelope, bytes: [UInt8])], _ transaction: PostgresTransaction, at now: Timestamp
  ) throws(DriverError) -> (answers: [RecordAnswer], last: Int64) {
    let kept = try transaction.pipeline([begin, insertion(events, at: now)])[1]
    var (answers, last) = ([RecordAnswer](repeating: .duplicate, count: events.count), Int64(0))
    for row in 0..<kept.count {
      answers[Int(kept.integer(row, 0)) - 1] = .accepted
      last = max(last, kept.integer(row, 1))
    }
    return (answers, last)
  }

  /// Gives the transaction its number before it draws any for events: whoever looks for them later sees it under way.
  static let begin: PostgresCall = ("SELECT pg_current_xact_id()::text", [])

  // IS TRUE keeps the planner from turning the list into a join, which would compare each with each.
  private static func insert(_ rows: PostgresColumns, moment: String) -> String {
    """
    WITH input AS MATERIALIZED (
      SELECT nextval('event_sequence') AS sequence, u.place,
        \(rows.names.map { "\(rows[$0]) AS \($0)" }.joined(separator: ", "))
      FROM \(rows.source(place: "place"))
    ), fresh AS (
      INSERT INTO event_keys (id, tenant, source, sequence)
      SELECT id, tenant, source, sequence FROM input
      ORDER BY id COLLATE "C", tenant COLLATE "C", source COLLATE "C", sequence
      ON CONFLICT DO NOTHING RETURNING sequence
    ), marks AS (
      INSERT INTO unrouted (event) SELECT sequence FROM fresh
    ), kept AS (
      INSERT INTO events (sequence, id, tenant, source, type, recorded_at, envelope)
      SELECT sequence, id, tenant, source, type, \(moment), envelope FROM input
      WHERE (sequence IN (SELECT sequence FROM fresh)) IS TRUE
    )
    SELECT place, sequence FROM input WHERE (sequence IN (SELECT sequence FROM fresh)) IS TRUE
    """
  }
}

extension PostgresStore {
  public func record(_ events: [EventEnvelope]) async throws(DriverError) -> [RecordAnswer] {
    guard !events.isEmpty else { return [] }
    return try await recorder.record(events.map { ($0, $0.bytes) }) { batch async throws(DriverError) in
      let (answers, last) = try await self.write { transaction, now in
        try PostgresEvents.keep(batch, transaction, at: now)
      }
      await self.preparePartitions(for: last)
      return answers
    }
  }

  /// Keeps events as `record` does, as part of a transaction on this database that does more than that.
  @discardableResult
  public func record(
    _ events: [EventEnvelope], in transaction: PostgresTransaction
  ) throws(DriverError) -> [RecordAnswer] {
    guard !events.isEmpty else { return [] }
    let encoded = events.map { (envelope: $0, bytes: $0.bytes) }
    return try PostgresEvents.keep(encoded, transaction, at: environment.time.now).answers
  }
}
