/// When a schedule ticks: its expression and its zone, read.
public struct ScheduleTimes: Sendable, Hashable {
  /// The schedule's five fields.
  public let expression: CronExpression
  /// The rules of its zone.
  public let zone: TimeZoneRules

  /// Reads a schedule.
  /// - Throws: The first `ScheduleProblem` of the schedule.
  public init(_ schedule: Schedule, zones: TimeZoneFolder = .system) throws(ScheduleProblem) {
    do throws(CronError) { expression = try CronExpression(schedule.cron) } catch { throw ScheduleProblem(error) }
    guard expression.next(after: Timestamp(milliseconds: 0), in: .utc) != nil else { throw .never(schedule.cron) }
    do throws(TimeZoneError) { zone = try zones.rules(of: schedule.timeZone) } catch { throw ScheduleProblem(error) }
  }

  /// The first tick after a moment; nil where there is none up to the year 9999.
  public func next(after moment: Timestamp) -> Timestamp? { expression.next(after: moment, in: zone) }

  /// The last tick up to a moment, that moment included; nil where there is none.
  public func previous(upTo moment: Timestamp) -> Timestamp? { expression.previous(upTo: moment, in: zone) }

  /// How many ticks lie between two moments, both excluded, counted up to `limit`.
  public func count(after start: Timestamp, before end: Timestamp, limit: Int) -> Int {
    var (count, moment) = (0, start)
    while count < limit, let tick = next(after: moment), tick < end { (count, moment) = (count + 1, tick) }
    return count
  }
}
