/// One tick of a pipeline's schedule, or the moment from which a schedule counts.
public struct ScheduleTick: Sendable, Hashable {
  /// Whose schedule it is.
  public let pipeline: PipelineName
  /// The schedule that ticks.
  public let schedule: Schedule
  /// When it was to tick; for a schedule that begins, from when on it ticks.
  public let time: Timestamp
  /// What is recorded; nil arms a schedule that begins, which fires nothing.
  public let event: EventEnvelope?

  /// Describes a tick.
  public init(pipeline: PipelineName, schedule: Schedule, time: Timestamp, event: EventEnvelope?) {
    self.pipeline = pipeline
    self.schedule = schedule
    self.time = time
    self.event = event
  }
}

/// The last tick of a pipeline that was recorded.
public struct RecordedTick: Sendable, Hashable {
  /// The schedule that ticked, or was armed: another one begins anew.
  public let schedule: Schedule
  /// Its time; a tick that is not later is known.
  public let time: Timestamp
  /// False where the schedule was armed and has not ticked since.
  public let hasFired: Bool

  /// Describes what was recorded.
  public init(schedule: Schedule, time: Timestamp, hasFired: Bool) {
    self.schedule = schedule
    self.time = time
    self.hasFired = hasFired
  }
}

/// The answer to one tick.
public enum TickAnswer: String, Sendable, Hashable {
  /// It is committed, with its event where it has one.
  case fired
  /// One of the same time or a later one is recorded already: nothing was changed.
  case known
}

/// Where it is kept how far each schedule has come: each tick fires once, however many dispatchers see it come.
public protocol ScheduleStore: Sendable {
  /// The last tick recorded for each pipeline that ever had one.
  func ticks() async throws(DriverError) -> [PipelineName: RecordedTick]

  /// Records ticks in the order given, in one transaction, and answers for each.
  ///
  /// A tick that is not later than its pipeline's recorded one is known. Any other takes its place and records its
  /// event as `record` does; an event that was there already stands, and the tick counts as fired all the same.
  func tick(_ ticks: [ScheduleTick]) async throws(DriverError) -> [TickAnswer]
}
