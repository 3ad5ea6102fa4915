public import WorkerKit

extension PostgresStore {
  public func replayEvents(
    _ replay: EventReplay, plan: @escaping RoutePlanner, next: @escaping SettlePlanner
  ) async throws(DriverError) -> EventReplayResult {
    let (result, last) = try await write { transaction, now in
      let replays = PostgresEventReplays(transaction: transaction, replay: replay)
      // Held alone, so that nobody else gives an event's runs their numbers meanwhile.
      try transaction.rows(PostgresLocks.exclusive(.routing))
      var work = PostgresRunWork(transaction, at: now)
      var (answers, count, lastEvent) = ([EventReplayAnswer](), 0, Int64(0))
      for sequence in replay.events {
        let given = try PostgresRuns(transaction).count(of: sequence)
        let (answer, planned) = try replays.plan(sequence, after: given, plan)
        answers.append(answer)
        guard let planned else { continue }
        let written = try replays.keep(planned, of: sequence, after: given, &work)
        lastEvent = max(lastEvent, written)
        count += planned.runs.count
      }
      if count > 0 { try replays.audit(at: now) }
      try work.advance(plan: next)
      let handoff = try PostgresHandover.handOver(work.entries, transaction, at: now)
      let result = EventReplayResult(answers: answers, runs: count, handoff: handoff, ended: try work.endedJobs())
      return (result, max(lastEvent, work.lastEvent))
    }
    await preparePartitions(for: last)
    return result
  }
}

/// A replay of events within one transaction.
private struct PostgresEventReplays {
  let transaction: PostgresTransaction
  let replay: EventReplay

  /// What the replay makes of an event, and its runs where it makes some. Nothing is written.
  ///
  /// An event that has as many runs as there are numbers for cannot be replayed.
  func plan(
    _ sequence: Int64, after given: Int64, _ plan: RoutePlanner
  ) throws(DriverError) -> (EventReplayAnswer, (event: EventEnvelope, runs: [NewRun])?) {
    let found = try transaction.rows(Self.event, [.integer(sequence)]).first
    guard let found else { return (.missing, nil) }
    guard found.optionalInteger(1) != nil else { return (.unrouted, nil) }
    guard try !isKnown(sequence) else { return (.known, nil) }
    let event = try EventEnvelope.restore(found.bytes(0))
    guard let runs = try? plan(event), RowNumbers.hold(runs, after: given) else { return (.failed, nil) }
    return runs.isEmpty ? (.unmatched, nil) : (.replayed, (event, runs))
  }

  /// Keeps an event's new runs; gives the number of the last event that they emitted.
  func keep(
    _ planned: (event: EventEnvelope, runs: [NewRun]), of sequence: Int64, after given: Int64,
    _ work: inout PostgresRunWork
  ) throws(DriverError) -> Int64 {
    try transaction.run(
      "INSERT INTO replayed_events (event, replay) VALUES ($1, $2)",
      [.integer(sequence), .text(replay.id.rawValue)])
    try transaction.rows(PostgresClearing.wake(sequence))
    var (writes, turns) = (PostgresWrites(), [(line: OrderingKey, run: RunID)]())
    for (ordinal, new) in planned.runs.enumerated() {
      let number = RowNumbers.firstRun(of: sequence) + given + Int64(ordinal)
      let run = StoredRun(new, number, planned.event.tenant)
      try writes.create(new, as: run, for: planned.event, replay: replay.id)
      for turn in new.turns { try work.rows.enter(run.line(turn), run: run.id) }
      turns += new.plan.freed.map { (run.line($0), run.id) }
    }
    let written = try writes.write(transaction, at: work.now)
    try work.take(written, freeing: turns)
    return written.lastEvent
  }

  func audit(at now: Timestamp) throws(DriverError) {
    try transaction.run(
      "INSERT INTO event_replays (id, at, who, reason) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE SET at = $2",
      [.text(replay.id.rawValue), .moment(now), .text(replay.by), .text(replay.reason)])
    try transaction.run(
      "INSERT INTO audit (at, who, action, reason) VALUES ($1, $2, 'replay events', $3)",
      [.moment(now), .text(replay.by), .text(replay.reason)])
  }

  private func isKnown(_ sequence: Int64) throws(DriverError) -> Bool {
    try transaction.rows(
      "SELECT 1 FROM replayed_events WHERE event = $1 AND replay = $2",
      [.integer(sequence), .text(replay.id.rawValue)]
    ).count > 0
  }

  private static let event = "SELECT envelope, \(PostgresRoutings.moment) FROM events e WHERE sequence = $1"
}
