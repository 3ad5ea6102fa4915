/// How far the wall clock of a place is ahead of UTC, at any time: a zone of the IANA time zone database.
public struct TimeZoneRules: Sendable, Hashable {
  /// The zone's name: `Europe/Berlin`.
  public let name: String
  /// The offset before the first change of `table`.
  let first: Int64
  /// The changes that are known one by one, in order.
  let table: [Change]
  /// What comes after `table`, year by year; nil where nothing does.
  let rule: YearlyChanges?

  /// From `at`, in seconds since 1970-01-01T00:00:00Z, the wall clock is `offset` seconds ahead of UTC.
  struct Change: Sendable, Hashable {
    let at: Int64
    let offset: Int64
  }

  /// A stretch of time during which the wall clock runs on evenly, from `start` until before `end`.
  struct Span: Sendable, Hashable {
    let start: Int64?
    let offset: Int64
    let end: Int64?
  }

  /// No offset is longer than this, in seconds.
  static let longestOffset: Int64 = 26 * 3600
  /// The seconds that can be asked about: those of the years 0 to 9999, of which timestamps can be written.
  static let reach =
    (Timestamp.days(year: 0, month: 1, day: 1) * 86_400)..<(Timestamp.days(year: 10_000, month: 1, day: 1) * 86_400)

  /// Coordinated Universal Time.
  public static let utc = TimeZoneRules(name: "UTC", first: 0, table: [], rule: nil)

  init(name: String, first: Int64, table: [Change], rule: YearlyChanges?) {
    self.name = name
    self.first = first
    self.table = table
    self.rule = rule
  }

  /// Reads a file in the Time Zone Information Format (RFC 8536), version 2 or later.
  /// - Throws: A `TimeZoneError` of kind damaged that says what is wrong with it.
  public init(name: String, tzif bytes: [UInt8]) throws(TimeZoneError) {
    self = try TimeZoneFile.read(bytes, name: name)
  }

  /// How far the wall clock is ahead of UTC at a moment.
  public func offset(at moment: Timestamp) -> Duration {
    let second = moment.milliseconds.quotientAndRemainder(floored: 1000).0
    return .seconds(span(at: min(max(second, Self.reach.lowerBound), Self.reach.upperBound - 1)).offset)
  }

  /// The stretch around a second. One change of a rule may begin a stretch with the offset that was there before.
  func span(at second: Int64) -> Span {
    let (past, coming) = changes(around: second)
    return Span(start: past?.at, offset: past?.offset ?? first, end: coming?.at)
  }

  private func changes(around second: Int64) -> (Change?, Change?) {
    let passed = passedChanges(at: second)
    let past = passed > 0 ? table[passed - 1] : nil
    if passed < table.count { return (past, table[passed]) }
    guard let rule else { return (past, nil) }
    let year = CivilDate(daysSinceEpoch: second.quotientAndRemainder(floored: 86_400).0).year
    let yearly = rule.changes(in: year - 1...year + 1).filter { change in past.map { change.at > $0.at } ?? true }
    return (yearly.last { $0.at <= second } ?? past, yearly.first { $0.at > second })
  }

  /// How many changes of the table have come by `second`.
  private func passedChanges(at second: Int64) -> Int {
    var range = 0..<table.count
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      range = table[middle].at <= second ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return range.lowerBound
  }
}
