public import WorkerKit

extension SQLiteStore {
  public func ticks() async throws(DriverError) -> [PipelineName: RecordedTick] {
    let rows = try await database.read { transaction in
      try transaction.connection.statement("SELECT pipeline, cron, time_zone, time, has_fired FROM schedules").rows([])
      {
        row throws(DriverError) in
        let tick = RecordedTick(
          schedule: Schedule(cron: row.text(1), timeZone: row.text(2)), time: Timestamp(milliseconds: row.integer(3)),
          hasFired: row.integer(4) != 0)
        return (PipelineName(row.text(0)), tick)
      }
    }
    return Dictionary(rows) { first, _ in first }
  }

  public func tick(_ ticks: [ScheduleTick]) async throws(DriverError) -> [TickAnswer] {
    let encoded = ticks.map { ($0, $0.event?.bytes) }
    let now = environment.time.now
    return try await database.write { transaction in
      var events = try SQLiteEvents(transaction: transaction, now: now)
      var answers: [TickAnswer] = []
      for (tick, bytes) in encoded {
        guard try Self.move(tick, transaction) else {
          answers.append(.known)
          continue
        }
        if let event = tick.event, let bytes { _ = try events.insert(event, bytes: bytes) }
        answers.append(.fired)
      }
      return answers
    }
  }

  /// Moves a pipeline's row on to the tick; false where it stands there or further on.
  private static func move(_ tick: ScheduleTick, _ transaction: SQLiteTransaction) throws(DriverError) -> Bool {
    try transaction.run(
      """
      INSERT INTO schedules (pipeline, cron, time_zone, time, has_fired) VALUES (?1, ?2, ?3, ?4, ?5)
      ON CONFLICT (pipeline) DO UPDATE SET
        cron = excluded.cron, time_zone = excluded.time_zone, time = excluded.time, has_fired = excluded.has_fired
      WHERE excluded.time > schedules.time
      """, .text(tick.pipeline.rawValue), .text(tick.schedule.cron), .text(tick.schedule.timeZone),
      .moment(tick.time), .integer(tick.event == nil ? 0 : 1)) == 1
  }
}
