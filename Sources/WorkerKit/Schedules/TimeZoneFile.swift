/// Reads the Time Zone Information Format, RFC 8536: a block with times of 32 bits, which is passed over, one with
/// times of 64 bits, and a POSIX TZ string for the years after it.
struct TimeZoneFile {
  private let bytes: [UInt8]
  private let name: String
  private var place = 0

  /// The largest file; those of the database have a few kilobytes.
  static let longest = 256 << 10
  /// Times before the universe began are no times (RFC 8536, section 3.2).
  private static let times: ClosedRange<Int64> = -(1 << 59)...(1 << 59)

  private struct Header {
    let version: UInt8
    let flags: Int
    let standardFlags: Int
    let leaps: Int
    let changes: Int
    let types: Int
    let letters: Int

    /// The length of the block behind it, with times of so many bytes.
    func length(time: Int) -> Int {
      changes * (time + 1) + types * 6 + letters + leaps * (time + 4) + standardFlags + flags
    }
  }

  /// The rules in a file.
  static func read(_ bytes: [UInt8], name: String) throws(TimeZoneError) -> TimeZoneRules {
    var file = TimeZoneFile(bytes: bytes, name: name)
    return try file.rules()
  }

  private init(bytes: [UInt8], name: String) {
    self.bytes = bytes
    self.name = name
  }

  private mutating func rules() throws(TimeZoneError) -> TimeZoneRules {
    guard bytes.count <= Self.longest else { throw damaged("is too large for a file of time zones") }
    let old = try header()
    guard old.version >= UInt8(ascii: "2") else {
      throw damaged("is a file of version 1; install a newer time zone database")
    }
    try skip(old.length(time: 4))
    let header = try header()
    guard header.leaps == 0 else { throw damaged("counts leap seconds; name the zone without 'right/'") }
    guard header.types > 0, bytes.count - place >= header.length(time: 8) else { throw damaged("ends too early") }
    let times = (0..<header.changes).map { Int64(bitPattern: number(at: place + $0 * 8, bytes: 8)) }
    place += header.changes * 8
    let kinds = (0..<header.changes).map { Int(bytes[place + $0]) }
    place += header.changes
    let offsets = (0..<header.types).map { Int64(Int32(truncatingIfNeeded: number(at: place + $0 * 6, bytes: 4))) }
    place += header.types * 6
    try skip(header.letters + header.standardFlags + header.flags)
    return TimeZoneRules(
      name: name, first: offsets[0], table: try table(times, kinds, offsets), rule: try footer())
  }

  private mutating func header() throws(TimeZoneError) -> Header {
    guard bytes.count - place >= 44 else { throw damaged("ends too early") }
    guard bytes[place..<place + 4].elementsEqual("TZif".utf8) else { throw damaged("is no file of a time zone") }
    let counts = (0..<6).map { Int(number(at: place + 20 + $0 * 4, bytes: 4)) }
    let version = bytes[place + 4]
    place += 44
    return Header(
      version: version, flags: counts[0], standardFlags: counts[1], leaps: counts[2], changes: counts[3],
      types: counts[4], letters: counts[5])
  }

  private func table(_ times: [Int64], _ kinds: [Int], _ offsets: [Int64]) throws(TimeZoneError)
    -> [TimeZoneRules.Change]
  {
    guard kinds.allSatisfy({ $0 < offsets.count }) else { throw damaged("has a change to no known offset") }
    guard offsets.allSatisfy({ abs($0) <= TimeZoneRules.longestOffset }) else {
      throw damaged("has an offset of more than a day")
    }
    guard times.allSatisfy(Self.times.contains), zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw damaged("has changes that are not in order")
    }
    return zip(times, kinds).map { TimeZoneRules.Change(at: $0, offset: offsets[$1]) }
  }

  private mutating func footer() throws(TimeZoneError) -> YearlyChanges? {
    let newline = UInt8(ascii: "\n")
    guard place < bytes.count, bytes[place] == newline, let end = bytes[(place + 1)...].firstIndex(of: newline) else {
      throw damaged("ends without a rule")
    }
    let text = Array(bytes[(place + 1)..<end])
    guard !text.isEmpty else { return nil }
    guard let rule = YearlyChangesReader.read(text) else { throw damaged("ends with a rule that cannot be read") }
    return rule
  }

  private mutating func skip(_ count: Int) throws(TimeZoneError) {
    guard bytes.count - place >= count else { throw damaged("ends too early") }
    place += count
  }

  private func number(at start: Int, bytes count: Int) -> UInt64 {
    bytes[start..<start + count].reduce(0) { $0 << 8 | UInt64($1) }
  }

  private func damaged(_ message: String) -> TimeZoneError { TimeZoneError(.damaged, name, message) }
}
