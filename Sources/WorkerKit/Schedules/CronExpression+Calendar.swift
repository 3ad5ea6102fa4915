/// The minutes of an expression on a calendar without a zone, in seconds since 1970-01-01T00:00:00 on it.
extension CronExpression {
  /// The calendar repeats itself, weekdays included, after 400 years: what did not come by then never comes.
  private static let cycle = 400 * 12
  /// What timestamps can be written for.
  private static let years: ClosedRange<Int64> = 0...9999

  /// The first minute that does not begin before `second`.
  func firstMinute(from second: Int64) -> Int64? {
    let minute = (second + 59).quotientAndRemainder(floored: 60).0
    let (day, ofDay) = minute.quotientAndRemainder(floored: 1440)
    if admits(day: day), let time = firstTime(from: Int(ofDay)) { return Self.second(day, time) }
    guard let later = firstDay(from: day + 1), let time = firstTime(from: 0) else { return nil }
    return Self.second(later, time)
  }

  /// The last minute that does not begin after `second`.
  func lastMinute(to second: Int64) -> Int64? {
    let minute = second.quotientAndRemainder(floored: 60).0
    let (day, ofDay) = minute.quotientAndRemainder(floored: 1440)
    if admits(day: day), let time = lastTime(to: Int(ofDay)) { return Self.second(day, time) }
    guard let earlier = lastDay(to: day - 1), let time = lastTime(to: 1439) else { return nil }
    return Self.second(earlier, time)
  }

  private static func second(_ day: Int64, _ minuteOfDay: Int) -> Int64 { day * 86_400 + Int64(minuteOfDay) * 60 }

  private func firstTime(from minuteOfDay: Int) -> Int? {
    let (hour, minute) = minuteOfDay.quotientAndRemainder(dividingBy: 60)
    if hours.contains(hour), let minute = minutes.first(from: minute) { return hour * 60 + minute }
    guard let hour = hours.first(from: hour + 1), let minute = minutes.first(from: 0) else { return nil }
    return hour * 60 + minute
  }

  private func lastTime(to minuteOfDay: Int) -> Int? {
    let (hour, minute) = minuteOfDay.quotientAndRemainder(dividingBy: 60)
    if hours.contains(hour), let minute = minutes.last(to: minute) { return hour * 60 + minute }
    guard let hour = hours.last(to: hour - 1), let minute = minutes.last(to: 59) else { return nil }
    return hour * 60 + minute
  }

  private func firstDay(from day: Int64) -> Int64? {
    var month = CalendarMonth(of: day)
    for _ in 0...Self.cycle where Self.years.contains(month.year) {
      if months.contains(Int(month.month)),
        let found = month.days.first(where: { $0 >= day && admitsDay($0, in: month) })
      {
        return found
      }
      month = month.next
    }
    return nil
  }

  private func lastDay(to day: Int64) -> Int64? {
    var month = CalendarMonth(of: day)
    for _ in 0...Self.cycle where Self.years.contains(month.year) {
      if months.contains(Int(month.month)),
        let found = month.days.last(where: { $0 <= day && admitsDay($0, in: month) })
      {
        return found
      }
      month = month.previous
    }
    return nil
  }

  private func admits(day: Int64) -> Bool {
    let month = CalendarMonth(of: day)
    return months.contains(Int(month.month)) && admitsDay(day, in: month)
  }

  private func admitsDay(_ day: Int64, in month: CalendarMonth) -> Bool {
    let isInMonth = daysOfMonth.contains(Int(day - month.days.lowerBound) + 1)
    // 1970-01-01 was a Thursday.
    let isInWeek = daysOfWeek.contains(Int((day + 4).quotientAndRemainder(floored: 7).1))
    return joinsDays ? isInMonth || isInWeek : isInMonth && isInWeek
  }
}
