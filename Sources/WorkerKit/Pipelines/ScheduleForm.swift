/// The form of schedules and of names of time zones, as far as it can be told without a calendar.
enum ScheduleForm {
  private static let months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
  private static let days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
  /// The longest text that is looked at.
  private static let characters = 256

  /// Five fields, each a list of `*`, values and ranges, with or without a step.
  static func admits(cron: String) -> Bool {
    guard cron.utf8.count <= characters else { return false }
    let fields = cron.split(separator: " ")
    let names = [[], [], [], months, days]
    return fields.count == names.count && zip(fields, names).allSatisfy { isField($0, names: $1) }
  }

  /// One to three words with slashes between: `UTC`, `Europe/Berlin`.
  static func admits(timeZone: String) -> Bool {
    guard timeZone.utf8.count <= characters else { return false }
    let words = timeZone.utf8.split(separator: 0x2F, omittingEmptySubsequences: false)
    return words.count <= 3
      && words.allSatisfy { word in
        guard let first = word.first, isLetter(first) else { return false }
        return word.allSatisfy { isLetter($0) || isDigit($0) || $0 == 0x2B || $0 == 0x2D || $0 == 0x5F }
      }
  }

  private static func isField(_ text: Substring, names: [String]) -> Bool {
    text.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { part in
      let halves = part.split(separator: "/", omittingEmptySubsequences: false)
      guard let range = halves.first, halves.count == 1 || (halves.count == 2 && isNumber(halves[1])) else {
        return false
      }
      let ends = range.split(separator: "-", omittingEmptySubsequences: false)
      return range == "*" || (ends.count <= 2 && ends.allSatisfy { isNumber($0) || names.contains($0.uppercased()) })
    }
  }

  private static func isNumber(_ text: Substring) -> Bool {
    (1...2).contains(text.utf8.count) && text.utf8.allSatisfy(isDigit)
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
