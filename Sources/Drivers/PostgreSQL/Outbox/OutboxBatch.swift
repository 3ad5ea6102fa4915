import WorkerKit

/// What one transaction took from the outbox.
struct OutboxBatch: Sendable {
  /// The places and the envelopes as text, in order.
  let entries: [(place: Int64, envelope: String)]
  /// The stretch of places that was looked at.
  let first: Int64
  let last: Int64
  /// The transactions that were under way, and may bring more to light within the stretch.
  let running: Set<String>

  /// Takes up to `limit` entries that nobody else is taking.
  static func take(
    _ limit: Int, within bounds: OutboxBounds, _ transaction: PostgresTransaction
  ) throws(DriverError) -> OutboxBatch {
    // In this order: who has a place up to `newest` had a number before it, and is seen by the snapshot after it.
    let seen = try transaction.pipeline([(newestPlace, []), (snapshot, [])])
    let newest = seen[0].integer(0, 0)
    let running = Set((0..<seen[1].count).map { seen[1].text($0, 0) })
    let first = bounds.start(running: running)
    let rows = try transaction.rows(taking, [.integer(first), .integer(Int64(limit))])
    let entries = (0..<rows.count).map { (place: rows.integer($0, 0), envelope: rows.text($0, 1)) }.sorted {
      $0.place < $1.place
    }
    // Of what came after `newest` was read, not everything need have been seen.
    let last = entries.count < limit ? newest : min(newest, entries.last?.place ?? 0)
    return OutboxBatch(entries: entries, first: first, last: last, running: running)
  }

  /// What can be kept, and what cannot and why.
  struct Sorted {
    var events: [EventEnvelope] = []
    var refused: [(place: Int64, envelope: String, reason: String)] = []
  }

  func sorted(now: Timestamp, refusal: (EventEnvelope) -> String?) -> Sorted {
    var sorted = Sorted()
    for entry in entries {
      let reason: String
      do {
        let event = try EventEnvelope.read(JSONReader.parse(entry.envelope), now: now)
        guard let refused = refusal(event) else {
          sorted.events.append(event)
          continue
        }
        reason = refused
      } catch {
        reason = String(describing: error)
      }
      sorted.refused.append((entry.place, entry.envelope, reason))
    }
    return sorted
  }

  /// Keeps what could not be read, with the reason.
  static func putAside(
    _ entries: [(place: Int64, envelope: String, reason: String)], _ transaction: PostgresTransaction
  ) throws(DriverError) {
    try transaction.run(
      """
      INSERT INTO millrace.outbox_refused (place, reason, envelope)
      SELECT place, reason, envelope::jsonb
      FROM unnest($1::bigint[], $2::text[], $3::text[]) AS u(place, reason, envelope)
      """,
      [
        .integers(entries.map(\.place)), .texts(entries.map(\.reason)), .texts(entries.map(\.envelope)),
      ])
  }

  private static let newestPlace =
    "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM millrace.outbox_place_seq"
  /// The transactions that are under way. A snapshot lists only those from before the newest that has ended by then;
  /// the others are those from its end to the number that this transaction gets after it.
  static let snapshot = """
    WITH seen AS MATERIALIZED (SELECT pg_current_snapshot() AS now)
    SELECT pg_snapshot_xip(now)::text FROM seen
    UNION ALL
    SELECT generate_series(pg_snapshot_xmax(now)::text::bigint, pg_current_xact_id()::text::bigint - 1)::text FROM seen
    """
  private static let taking = """
    WITH taken AS MATERIALIZED (
      SELECT place FROM millrace.outbox WHERE place >= $1 ORDER BY place LIMIT $2 FOR UPDATE SKIP LOCKED
    )
    DELETE FROM millrace.outbox AS o USING taken WHERE o.place = taken.place RETURNING o.place, o.envelope::text
    """
}
