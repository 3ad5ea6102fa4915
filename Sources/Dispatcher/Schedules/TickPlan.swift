import WorkerKit

/// What is to be done about one schedule at a moment: nothing, a tick, or arming it.
struct TickPlan: Sendable {
  let pipeline: PipelineName
  /// What to record; nil where nothing is due.
  let tick: ScheduleTick?
  /// How many ticks before that one were missed, counted up to `Scheduler.mostCounted`.
  let missed: Int
  /// The first tick after that.
  let next: Timestamp?
  /// How far the recorded tick is ahead of the wall clock; not positive in a world that is well.
  let lead: Duration

  /// Decides; a pure function of what is recorded and what time it is.
  init(
    of pipeline: PipelineName, _ schedule: Schedule, _ times: ScheduleTimes, after recorded: RecordedTick?,
    at now: Timestamp
  ) {
    self.pipeline = pipeline
    lead = recorded.map { $0.time - now } ?? .zero
    guard let recorded, recorded.schedule == schedule else {
      tick = ScheduleTick(pipeline: pipeline, schedule: schedule, time: now, event: nil)
      missed = 0
      next = times.next(after: now)
      return
    }
    next = times.next(after: max(now, recorded.time))
    guard let due = times.previous(upTo: now), due > recorded.time else {
      tick = nil
      missed = 0
      return
    }
    let previous = recorded.hasFired ? recorded.time : nil
    let event = Self.event(of: pipeline, at: due, after: previous)
    tick = ScheduleTick(pipeline: pipeline, schedule: schedule, time: due, event: event)
    missed = times.count(after: recorded.time, before: due, limit: Scheduler.mostCounted)
  }

  /// The event of a tick: the same one, whoever makes it.
  private static func event(of pipeline: PipelineName, at time: Timestamp, after previous: Timestamp?) -> EventEnvelope
  {
    var payload: [String: JSON] = [
      "pipeline": .string(pipeline.rawValue), "scheduled_at": .string(time.description),
    ]
    payload["previous_at"] = previous.map { .string($0.description) }
    return EventEnvelope(
      id: EventID("tick-\(pipeline)-\(time)"), source: "millrace/schedule", type: Schedule.eventType, occurredAt: time,
      tenant: Schedule.tenant, payload: .object(payload))
  }
}
