public import WorkerKit

extension SQLiteStore {
  public func replayEvents(
    _ replay: EventReplay, plan: @escaping RoutePlanner, next: @escaping SettlePlanner
  ) async throws(DriverError) -> EventReplayResult {
    try await write { transaction, handover in
      let replays = SQLiteEventReplays(transaction: transaction, replay: replay)
      let runs = try SQLiteRuns(transaction: transaction, handover: handover)
      var work = SQLiteRunWork(transaction: transaction, handover: handover)
      var (answers, count) = ([EventReplayAnswer](), 0)
      for sequence in replay.events {
        let given = try runs.count(of: sequence)
        let (answer, planned) = try replays.plan(sequence, after: given, plan)
        answers.append(answer)
        guard let planned else { continue }
        try transaction.run(
          "INSERT INTO replayed_events (event, replay) VALUES (?1, ?2)", .integer(sequence),
          .text(replay.id.rawValue))
        for (ordinal, run) in planned.runs.enumerated() {
          try work.take(
            try runs.create(
              run, ordinal: given + Int64(ordinal), for: planned.event, sequence: sequence, replay: replay.id))
        }
        count += planned.runs.count
      }
      if count > 0 { try replays.audit(at: handover.now) }
      try work.advance(plan: next)
      let handoff = try handover.handOver(work.entries)
      return EventReplayResult(answers: answers, runs: count, handoff: handoff, ended: work.ended)
    }
  }
}

/// A replay of events within one transaction.
private struct SQLiteEventReplays {
  let transaction: SQLiteTransaction
  let replay: EventReplay

  /// What the replay makes of an event, and its runs where it makes some. Nothing is written.
  ///
  /// An event that has as many runs as there are numbers for cannot be replayed, nor one of whose run there are too
  /// few for the jobs.
  func plan(
    _ sequence: Int64, after given: Int64, _ plan: RoutePlanner
  ) throws(DriverError) -> (EventReplayAnswer, (event: EventEnvelope, runs: [NewRun])?) {
    let row = try transaction.connection.statement(Self.event).rows([.integer(sequence)]) { row throws(DriverError) in
      (row.bytes(0), row.optionalInteger(1))
    }.first
    guard let (bytes, routedAt) = row else { return (.missing, nil) }
    guard routedAt != nil else { return (.unrouted, nil) }
    guard try !isKnown(sequence) else { return (.known, nil) }
    let event = try EventEnvelope.restore(bytes)
    guard let runs = try? plan(event), RowNumbers.hold(runs, after: given) else { return (.failed, nil) }
    return runs.isEmpty ? (.unmatched, nil) : (.replayed, (event, runs))
  }

  private static let event = SQLiteText(
    "SELECT envelope, \(SQLiteRouting.moment) FROM \(SQLiteRouting.tables) WHERE events.sequence = ?1")

  func audit(at now: Timestamp) throws(DriverError) {
    try transaction.run(
      """
      INSERT INTO event_replays (id, at, who, reason) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET at = ?2
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
