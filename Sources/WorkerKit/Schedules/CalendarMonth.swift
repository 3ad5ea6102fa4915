/// A month of the proleptic Gregorian calendar.
struct CalendarMonth {
  let year: Int64
  /// From 1.
  let month: Int64
  /// Its days, counted from 1970-01-01.
  let days: Range<Int64>

  init(year: Int64, month: Int64) {
    self.year = year
    self.month = month
    let (after, afterMonth) = month == 12 ? (year + 1, 1) : (year, month + 1)
    days = Timestamp.days(year: year, month: month, day: 1)..<Timestamp.days(year: after, month: afterMonth, day: 1)
  }

  /// The month of a day counted from 1970-01-01.
  init(of day: Int64) {
    let date = CivilDate(daysSinceEpoch: day)
    self.init(year: date.year, month: date.month)
  }

  var next: CalendarMonth {
    month == 12 ? CalendarMonth(year: year + 1, month: 1) : CalendarMonth(year: year, month: month + 1)
  }

  var previous: CalendarMonth {
    month == 1 ? CalendarMonth(year: year - 1, month: 12) : CalendarMonth(year: year, month: month - 1)
  }
}
