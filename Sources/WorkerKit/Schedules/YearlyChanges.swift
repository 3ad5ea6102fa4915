/// What a POSIX TZ string says: an offset, and perhaps two changes in each year.
struct YearlyChanges: Sendable, Hashable {
  /// A day of a year, and a time on it, in seconds after midnight.
  struct Rule: Sendable, Hashable {
    let day: Day
    let time: Int64
  }

  enum Day: Sendable, Hashable {
    /// From 1 to 365, without 29 February.
    case ofCommonYear(Int64)
    /// From 0 to 365, with 29 February.
    case ofYear(Int64)
    /// A weekday, from 0 for Sunday, in the nth week of a month; the 5th is the last.
    case weekday(Int64, week: Int64, month: Int64)

    /// The day in a year, counted from 1970-01-01.
    func number(in year: Int64) -> Int64 {
      let newYear = Timestamp.days(year: year, month: 1, day: 1)
      switch self {
      case .ofYear(let day): return newYear + day
      case .ofCommonYear(let day):
        let isLeap = CalendarMonth(year: year, month: 2).days.count == 29
        return newYear + day - 1 + (isLeap && day > 59 ? 1 : 0)
      case .weekday(let weekday, let week, let month):
        let days = CalendarMonth(year: year, month: month).days
        let firstWeekday = (days.lowerBound + 4).quotientAndRemainder(floored: 7).1
        let first = days.lowerBound + (weekday - firstWeekday + 7) % 7
        let wanted = first + (week - 1) * 7
        return wanted < days.upperBound ? wanted : wanted - 7
      }
    }
  }

  /// Daylight saving time.
  struct Saving: Sendable, Hashable {
    let offset: Int64
    /// On the clock of standard time.
    let start: Rule
    /// On the clock of daylight saving time.
    let end: Rule
  }

  /// The offset of standard time, in seconds ahead of UTC.
  let standard: Int64
  /// Nil where the offset never changes.
  let saving: Saving?

  /// The changes of some years, in order. Where a year's last is at the second of the next one's first, the latter
  /// comes later and counts.
  func changes(in years: ClosedRange<Int64>) -> [TimeZoneRules.Change] {
    guard let saving else { return [] }
    let changes = years.flatMap { year in
      let start = saving.start.day.number(in: year) * 86_400 + saving.start.time - standard
      let end = saving.end.day.number(in: year) * 86_400 + saving.end.time - saving.offset
      let both = [
        TimeZoneRules.Change(at: start, offset: saving.offset), TimeZoneRules.Change(at: end, offset: standard),
      ]
      return start <= end ? both : both.reversed()
    }
    return changes.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
  }
}
