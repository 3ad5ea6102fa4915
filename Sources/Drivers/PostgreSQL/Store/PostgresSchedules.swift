public import WorkerKit

extension PostgresStore {
  public func ticks() async throws(DriverError) -> [PipelineName: RecordedTick] {
    try await pool.read { transaction in
      let ticks = try transaction.rows("SELECT pipeline, cron, time_zone, time, has_fired FROM schedules").map {
        row throws(DriverError) in
        let tick = RecordedTick(
          schedule: Schedule(cron: row.text(1), timeZone: row.text(2)), time: row.moment(3), hasFired: row.boolean(4))
        return (PipelineName(row.text(0)), tick)
      }
      return Dictionary(ticks) { first, _ in first }
    }
  }

  public func tick(_ ticks: [ScheduleTick]) async throws(DriverError) -> [TickAnswer] {
    guard !ticks.isEmpty else { return [] }
    let encoded = ticks.map { tick in (tick: tick, event: tick.event.map { (envelope: $0, bytes: $0.bytes) }) }
    let (answers, last) = try await write { transaction, now in
      var (answers, events) = ([TickAnswer](), [(envelope: EventEnvelope, bytes: [UInt8])]())
      for (tick, event) in encoded {
        guard try Self.move(tick, transaction) else {
          answers.append(.known)
          continue
        }
        if let event { events.append(event) }
        answers.append(.fired)
      }
      guard !events.isEmpty else { return (answers, Int64(0)) }
      return (answers, try PostgresEvents.keep(events, transaction, at: now).last)
    }
    await preparePartitions(for: last)
    return answers
  }

  /// Moves a pipeline's row on to the tick; false where it stands there or further on.
  private static func move(_ tick: ScheduleTick, _ transaction: PostgresTransaction) throws(DriverError) -> Bool {
    try transaction.run(
      """
      INSERT INTO schedules (pipeline, cron, time_zone, time, has_fired) VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT (pipeline) DO UPDATE SET
        cron = excluded.cron, time_zone = excluded.time_zone, time = excluded.time, has_fired = excluded.has_fired
      WHERE excluded.time > schedules.time
      """,
      [
        .text(tick.pipeline.rawValue), .text(tick.schedule.cron), .text(tick.schedule.timeZone), .moment(tick.time),
        .boolean(tick.event != nil),
      ]) == 1
  }
}
