public import WorkerKit

extension SQLiteStore {
  public func replayEvents(
    _ replay: EventReplay, plan: @escaping RoutePlanner, next: @escaping SettlePlanner
  ) async throws(DriverError) -> EventReplayResult {
    try await write { transaction, handover in
      let replays = SQLiteEventReplays(transaction: transaction, replay: replay)
      let runs = SQLiteRuns(transaction: transaction, now: handover.now)
      var work = SQLiteRunWork(transaction: transaction, handover: handover)
      var (answers, count) = ([EventReplayAnswer](), 0)
      for sequence in replay.events {
        let (answer, planned) = try replays.plan(sequence, plan)
        answers.append(answer)
        guard let planned else { continue }
        try transaction.run(
          "INSERT INTO replayed_events (event, replay) VALUES (?1, ?2)", .integer(sequence),
          .text(replay.id.rawValue))
        for run in planned.runs {
          try work.take(try runs.create(run, for: planned.event, sequence: sequence))
          try transaction.run(
            "UPDATE runs SET replay = ?2 WHERE id = ?1", .text(run.id.rawValue), .text(replay.id.rawValue))
        }
        count += planned.runs.count
      }
      if count > 0 { try replays.audit(at: handover.now) }
      try work.advance(plan: next)
      let handoff = try handover.handOver(work.entries)
      let result = EventReplayResult(answers: answers, runs: count, handoff: handoff)
      return (result, pushed: !work.entries.isEmpty)
    }
  }
}

/// A replay of events within one transaction.
private struct SQLiteEventReplays {
  let transaction: SQLiteTransaction
  let replay: EventReplay

  /// What the replay makes of an event, and its runs where it makes some. Nothing is written.
  func plan(
    _ sequence: Int64, _ plan: RoutePlanner
  ) throws(DriverError) -> (EventReplayAnswer, (event: EventEnvelope, runs: [NewRun])?) {
    let row = try transaction.connection.statement("SELECT envelope, routed_at FROM events WHERE sequence = ?1")
      .first(.integer(sequence)) { row throws(DriverError) in (row.bytes(0), row.optionalInteger(1)) }
    guard let (bytes, routedAt) = row else { return (.missing, nil) }
    guard routedAt != nil else { return (.unrouted, nil) }
    guard try !isKnown(sequence) else { return (.known, nil) }
    let event = try EventEnvelope.restore(bytes)
    guard let runs = try? plan(event) else { return (.failed, nil) }
    return runs.isEmpty ? (.unmatched, nil) : (.replayed, (event, runs))
  }

  func audit(at now: Timestamp) throws(DriverError) {
    try transaction.run(
      """
      INSERT INTO event_replays (id, at, who, reason) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING
      """, .text(replay.id.rawValue), .moment(now), .text(replay.by), .text(replay.reason))
    try transaction.run(
      "INSERT INTO audit (at, who, action, reason) VALUES (?1, ?2, 'replay events', ?3)", .moment(now),
      .text(replay.by), .text(replay.reason))
  }

  private func isKnown(_ sequence: Int64) throws(DriverError) -> Bool {
    try transaction.connection.statement("SELECT 1 FROM replayed_events WHERE event = ?1 AND replay = ?2")
      .rows([.integer(sequence), .text(replay.id.rawValue)]) { row throws(DriverError) in row.integer(0) }
      .isEmpty == false
  }
}
