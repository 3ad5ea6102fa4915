/// A moment of wall-clock time, in milliseconds since 1970-01-01T00:00:00Z.
///
/// Timestamps are for people and for rows; lengths of time are measured on the monotonic clock of `TimeSource`.
public struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Milliseconds since 1970-01-01T00:00:00Z; negative before.
  public let milliseconds: Int64

  /// Makes a moment from milliseconds since 1970-01-01T00:00:00Z.
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// The moment in RFC 3339 form, in UTC with milliseconds: `2026-11-21T09:04:32.120Z`.
  public var description: String {
    let (days, ofDay) = milliseconds.quotientAndRemainder(floored: 86_400_000)
    let date = CivilDate(daysSinceEpoch: days)
    let seconds = ofDay / 1000
    var text: [UInt8] = []
    text.reserveCapacity(24)
    for (number, width, end) in [
      (date.year, 4, "-"), (date.month, 2, "-"), (date.day, 2, "T"), (seconds / 3600, 2, ":"),
      (seconds / 60 % 60, 2, ":"), (seconds % 60, 2, "."), (ofDay % 1000, 3, "Z"),
    ] as [(Int64, Int, Unicode.Scalar)] {
      Self.append(number, width: width, to: &text)
      text.append(UInt8(ascii: end))
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The earlier of two moments is the lesser.
  public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

  /// The moment `length` later, or the last or first moment there is.
  public static func + (moment: Timestamp, length: Duration) -> Timestamp {
    let (sum, isBeyond) = moment.milliseconds.addingReportingOverflow(length.milliseconds)
    return Timestamp(milliseconds: isBeyond ? (length < .zero ? .min : .max) : sum)
  }

  /// The length of time from `right` to `left`.
  public static func - (left: Timestamp, right: Timestamp) -> Duration {
    .milliseconds(left.milliseconds - right.milliseconds)
  }

  private static func append(_ number: Int64, width: Int, to text: inout [UInt8]) {
    guard (0..<10_000).contains(number) else {
      let digits = String(number)
      text += repeatElement(UInt8(ascii: "0"), count: max(0, width - digits.count))
      text += digits.utf8
      return
    }
    var divisor: Int64 = [1, 10, 100, 1000][width - 1]
    while divisor > 0 {
      text.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
      divisor /= 10
    }
  }
}

/// A day of the proleptic Gregorian calendar, by Howard Hinnant's `civil_from_days`
/// (http://howardhinnant.github.io/date_algorithms.html).
struct CivilDate {
  let year: Int64
  let month: Int64
  let day: Int64

  init(daysSinceEpoch days: Int64) {
    let (era, dayOfEra) = (days + 719_468).quotientAndRemainder(floored: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shifted + 2) / 5 + 1
    month = shifted < 10 ? shifted + 3 : shifted - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }
}

extension Int64 {
  /// Division that rounds towards negative infinity, so that the remainder is never negative.
  func quotientAndRemainder(floored divisor: Int64) -> (Int64, Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}

extension Duration {
  /// Whole microseconds, rounded towards zero.
  public var microseconds: Int64 {
    let parts = components
    return parts.seconds * 1_000_000 + parts.attoseconds / 1_000_000_000_000
  }

  /// The length in whole milliseconds, rounded towards zero; lengths of more than 292 million years count as that.
  public var milliseconds: Int64 {
    let (whole, part) = (components.seconds, components.attoseconds / 1_000_000_000_000_000)
    let (milliseconds, isTooLong) = whole.multipliedReportingOverflow(by: 1000)
    let (sum, isStillTooLong) = milliseconds.addingReportingOverflow(part)
    return isTooLong || isStillTooLong ? (whole < 0 ? .min : .max) : sum
  }
  /// The length in seconds.
  public var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
