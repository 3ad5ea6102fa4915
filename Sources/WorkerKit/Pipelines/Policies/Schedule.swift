/// `trigger: { cron, time_zone }`: a pipeline that begins at times of the calendar.
///
/// A tick is an event like any other, of type `eventType` with the pipeline's name in its payload, and of an id that
/// any dispatcher gives it, so that each tick starts one run.
public struct Schedule: Sendable, Hashable {
  /// Five fields: minute, hour, day of the month, month, day of the week.
  public let cron: String
  /// A name of the IANA time zone database.
  public let timeZone: String

  /// The type of the events that schedules make.
  public static let eventType = "ScheduleTick"
  /// The tenant of those events.
  public static let tenant: TenantID = "system"

  /// Describes a schedule.
  public init(cron: String, timeZone: String = "UTC") {
    self.cron = cron
    self.timeZone = timeZone
  }
}
