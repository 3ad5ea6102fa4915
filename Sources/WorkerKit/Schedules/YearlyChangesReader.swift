/// Reads a POSIX TZ string with the extensions of RFC 8536, section 3.3.1: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct YearlyChangesReader {
  private let bytes: [UInt8]
  private var place = 0

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Nil where the text is no such string.
  static func read(_ bytes: [UInt8]) -> YearlyChanges? {
    var reader = YearlyChangesReader(bytes)
    guard let changes = reader.changes(), reader.place == bytes.count else { return nil }
    return changes
  }

  private mutating func changes() -> YearlyChanges? {
    guard skipsName(), let west = length(hours: 24) else { return nil }
    guard place < bytes.count else { return YearlyChanges(standard: -west, saving: nil) }
    guard skipsName() else { return nil }
    var saving = -west + 3600
    if next != UInt8(ascii: ",") {
      guard let west = length(hours: 24) else { return nil }
      saving = -west
    }
    guard takes(","), let start = rule(), takes(","), let end = rule() else { return nil }
    return YearlyChanges(standard: -west, saving: .init(offset: saving, start: start, end: end))
  }

  private mutating func rule() -> YearlyChanges.Rule? {
    guard let day = day() else { return nil }
    guard takes("/") else { return YearlyChanges.Rule(day: day, time: 7200) }
    return length(hours: 167).map { YearlyChanges.Rule(day: day, time: $0) }
  }

  private mutating func day() -> YearlyChanges.Day? {
    if takes("J") { return number(1...365).map { .ofCommonYear($0) } }
    guard takes("M") else { return number(0...365).map { .ofYear($0) } }
    guard let month = number(1...12), takes("."), let week = number(1...5), takes("."), let weekday = number(0...6)
    else { return nil }
    return .weekday(weekday, week: week, month: month)
  }

  /// At least three letters, or letters, digits and signs in angle brackets.
  private mutating func skipsName() -> Bool {
    if takes("<") {
      while let byte = next, byte != UInt8(ascii: ">") { place += 1 }
      return takes(">")
    }
    let start = place
    while let byte = next, (0x41...0x5A).contains(byte & 0xDF) { place += 1 }
    return place - start >= 3
  }

  /// Seconds of `[+|-]hh[:mm[:ss]]`.
  private mutating func length(hours: Int64) -> Int64? {
    let isNegative = takes("-")
    if !isNegative { _ = takes("+") }
    guard var seconds = number(0...hours).map({ $0 * 3600 }) else { return nil }
    for unit: Int64 in [60, 1] where takes(":") {
      guard let part = number(0...59) else { return nil }
      seconds += part * unit
    }
    return isNegative ? -seconds : seconds
  }

  private mutating func number(_ range: ClosedRange<Int64>) -> Int64? {
    var number: Int64?
    while let byte = next, (0x30...0x39).contains(byte) {
      number = (number ?? 0) * 10 + Int64(byte - 0x30)
      guard let number, number <= range.upperBound else { return nil }
      place += 1
    }
    guard let number, range.contains(number) else { return nil }
    return number
  }

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func takes(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }
}
