extension Timestamp {
  /// Reads an RFC 3339 date and time with an offset; nil where the text is not one.
  ///
  /// Fractions finer than a millisecond are rounded to the nearest one, and a leap second counts as the second after
  /// it. Nil, too, for what lies outside the years 0000 to 9999 in UTC, since `description` could not be read back.
  public init?(rfc3339 text: String) {
    var reader = MomentReader(bytes: Array(text.utf8))
    guard let milliseconds = reader.read() else { return nil }
    let years = Timestamp.days(year: 0, month: 1, day: 1)..<Timestamp.days(year: 10_000, month: 1, day: 1)
    guard milliseconds >= years.lowerBound * 86_400_000, milliseconds < years.upperBound * 86_400_000 else {
      return nil
    }
    self.init(milliseconds: milliseconds)
  }

  /// Days since 1970-01-01 of a day of the proleptic Gregorian calendar, by Howard Hinnant's `days_from_civil`
  /// (http://howardhinnant.github.io/date_algorithms.html); for years from 0.
  static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    // The years of the algorithm begin in March; 400 more keep every quotient positive.
    let year = year + 400 - (month <= 2 ? 1 : 0)
    let era = year / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return (era - 1) * 146_097 + dayOfEra - 719_468
  }
}

/// Reads `date-time` of RFC 3339, section 5.6, from left to right.
private struct MomentReader {
  let bytes: [UInt8]
  private var place = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  /// Milliseconds since 1970, or nil.
  mutating func read() -> Int64? {
    guard let day = date(), takes("T") || takes("t"), let time = time(), let offset = offset(),
      place == bytes.count
    else { return nil }
    return day * 86_400_000 + time - offset * 60_000
  }

  private mutating func date() -> Int64? {
    guard let year = number(4), takes("-"), let month = number(2), takes("-"), let day = number(2),
      (1...12).contains(month), day >= 1, day <= Self.days(in: month, of: year)
    else { return nil }
    return Timestamp.days(year: year, month: month, day: day)
  }

  private mutating func time() -> Int64? {
    guard let hour = number(2), takes(":"), let minute = number(2), takes(":"), let second = number(2),
      hour <= 23, minute <= 59, second <= 60
    else { return nil }
    var milliseconds = (hour * 3600 + minute * 60 + second) * 1000
    if takes(".") {
      guard let fraction = fraction() else { return nil }
      milliseconds += fraction
    }
    return milliseconds
  }

  /// Milliseconds from at least one digit, rounded by the fourth.
  private mutating func fraction() -> Int64? {
    let digits = bytes[place...].prefix { $0 >= 0x30 && $0 <= 0x39 }.map { Int64($0 - 0x30) }
    guard !digits.isEmpty else { return nil }
    place += digits.count
    let padded = digits.prefix(4) + [Int64](repeating: 0, count: max(0, 4 - digits.count))
    return (padded.reduce(0) { $0 * 10 + $1 } + 5) / 10
  }

  /// Minutes east of UTC.
  private mutating func offset() -> Int64? {
    if takes("Z") || takes("z") { return 0 }
    let isWest = takes("-")
    guard isWest || takes("+"), let hours = number(2), takes(":"), let minutes = number(2), hours <= 23, minutes <= 59
    else { return nil }
    return (isWest ? -1 : 1) * (hours * 60 + minutes)
  }

  private mutating func number(_ width: Int) -> Int64? {
    guard place + width <= bytes.count else { return nil }
    var number: Int64 = 0
    for byte in bytes[place..<place + width] {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      number = number * 10 + Int64(byte - 0x30)
    }
    place += width
    return number
  }

  private mutating func takes(_ character: Unicode.Scalar) -> Bool {
    guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private static func days(in month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
