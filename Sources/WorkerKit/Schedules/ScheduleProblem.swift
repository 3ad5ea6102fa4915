/// What is wrong with a schedule, for whoever wrote it into a pipeline file.
public struct ScheduleProblem: Error, Sendable, Hashable, CustomStringConvertible {
  /// The keys of a schedule in a pipeline file.
  public enum Key: String, Sendable, Hashable {
    case cron
    case timeZone = "time_zone"
  }

  /// Whose value is wrong.
  public let key: Key
  /// What is wrong, in one line that begins in lower case; it may quote the value.
  public let message: String
  /// What to write instead, where that can be guessed.
  public let hint: String?

  private init(_ key: Key, _ message: String, hint: String?) {
    self.key = key
    self.message = message
    self.hint = hint
  }

  init(_ error: CronError) { self.init(.cron, error.description, hint: error.hint) }

  init(_ error: TimeZoneError) { self.init(.timeZone, error.description, hint: error.hint) }

  static func never(_ cron: String) -> ScheduleProblem {
    ScheduleProblem(
      .cron, "'\(cron.prefix(64))' never comes: none of its months has such a day",
      hint: "see that the day of the month is one that the month has")
  }

  /// One line for a person.
  public var description: String { "\(key.rawValue): \(message)\(hint.map { "; \($0)" } ?? "")" }
}

extension Schedule {
  /// Everything that is wrong with the schedule: nothing, or up to one problem for each key.
  public func problems(zones: TimeZoneFolder = .system) -> [ScheduleProblem] {
    [Schedule(cron: cron), Schedule(cron: "@hourly", timeZone: timeZone)].compactMap { part in
      do throws(ScheduleProblem) { _ = try ScheduleTimes(part, zones: zones) } catch { return error }
      return nil
    }
  }
}
