public import WorkerKit

/// The events table within one transaction.
struct SQLiteEvents {
  let transaction: SQLiteTransaction
  let now: Timestamp

  /// Keeps an event; false when it is a duplicate.
  func insert(_ event: EventEnvelope, bytes: [UInt8]) throws(DriverError) -> Bool {
    try transaction.run(
      """
      INSERT INTO events (id, tenant, source, envelope, recorded_at) VALUES (?1, ?2, ?3, ?4, ?5)
      ON CONFLICT DO NOTHING
      """, .text(event.id.rawValue), .text(event.tenant.rawValue), .text(event.source), .bytes(bytes), .moment(now))
      == 1
  }

  /// The oldest events that no one has routed.
  func unrouted(limit: Int) throws(DriverError) -> [(sequence: Int64, id: EventID, envelope: [UInt8])] {
    try transaction.connection.statement(
      "SELECT sequence, id, envelope FROM events WHERE routed_at IS NULL ORDER BY sequence LIMIT ?1"
    ).rows([.integer(Int64(limit))]) { row throws(DriverError) in (row.integer(0), EventID(row.text(1)), row.bytes(2)) }
  }

  func markRouted(_ sequence: Int64) throws(DriverError) {
    try transaction.run("UPDATE events SET routed_at = ?2 WHERE sequence = ?1", .integer(sequence), .moment(now))
  }
}

extension SQLiteStore {
  public func record(_ events: [EventEnvelope]) async throws(DriverError) -> [RecordAnswer] {
    let encoded = events.map { ($0, $0.bytes) }
    let now = environment.time.now
    return try await database.write { transaction in
      let table = SQLiteEvents(transaction: transaction, now: now)
      return try encoded.map { try table.insert($0, bytes: $1) ? .accepted : .duplicate }
    }
  }

  public func route(
    limit: Int, plan: @escaping RoutePlanner, next: @escaping SettlePlanner
  ) async throws(DriverError) -> RouteResult {
    try await write { transaction, handover in
      let events = SQLiteEvents(transaction: transaction, now: handover.now)
      let runs = SQLiteRuns(transaction: transaction, now: handover.now)
      var work = SQLiteRunWork(transaction: transaction, handover: handover)
      var jobs = 0
      let waiting = try events.unrouted(limit: limit)
      var failed: [EventID] = []
      for (sequence, id, bytes) in waiting {
        // Planning comes before the first write for this event, so that a failure leaves nothing behind.
        guard let event = try? EventEnvelope.restore(bytes), let planned = try? plan(event) else {
          failed.append(id)
          continue
        }
        for run in planned {
          let outcome = try runs.create(run, for: event, sequence: sequence)
          jobs += outcome.entries.count + outcome.ordered.count
          try work.take(outcome)
        }
        try events.markRouted(sequence)
      }
      try work.advance(plan: next)
      let handoff = try handover.handOver(work.entries)
      let result = RouteResult(
        routed: waiting.count - failed.count, jobs: jobs, handoff: handoff, failed: failed)
      return (result, pushed: !work.entries.isEmpty)
    }
  }
}
