/// Reads one field of a cron expression.
struct CronReader {
  private let field: CronField

  init(_ field: CronField) { self.field = field }

  /// What stands for five fields.
  private static let words = [
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
  ]

  /// The longest expression, in characters.
  private static let longest = 512

  /// The five fields of an expression.
  static func fields(of text: String) throws(CronError) -> [String] {
    guard text.unicodeScalars.count <= longest else {
      throw CronError(nil, text, expected: "at most \(longest) characters")
    }
    let written = text.split { $0 == " " || $0 == "\t" }.map(String.init)
    guard let first = written.first, first.hasPrefix("@") else { return try fiveFields(written, of: text) }
    guard written.count == 1, let fields = words[first.lowercased()] else {
      throw CronError(
        nil, text, expected: "five fields, or one of \(words.keys.sorted().joined(separator: ", "))",
        hint: Spelling.suggestion(for: first, among: words.keys.sorted()).map { "did you mean '\($0)' alone?" })
    }
    return fields.split(separator: " ").map(String.init)
  }

  private static func fiveFields(_ written: [String], of text: String) throws(CronError) -> [String] {
    guard written.count == CronField.allCases.count else {
      let names = CronField.allCases.map(\.rawValue).joined(separator: ", ")
      throw CronError(
        nil, text, expected: "five fields (\(names)), not \(written.count)",
        hint: written.count == 6 ? "there are no seconds; leave the first field out" : nil)
    }
    return written
  }

  /// Reads a list.
  func read(_ text: String) throws(CronError) -> CronSet {
    var set = CronSet()
    for part in text.split(separator: ",", omittingEmptySubsequences: false) { set.formUnion(try range(part)) }
    return set
  }

  /// Reads `*`, a value, or a range, and the step after it.
  private func range(_ text: Substring) throws(CronError) -> CronSet {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let head = parts.first, !head.isEmpty else { throw unexpected(text) }
    let step = parts.count > 1 ? try self.step(parts[1]) : 1
    guard head != "*" else { return Self.set(field.bounds, by: step) }
    let ends = head.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let lower = try value(ends[0])
    guard ends.count > 1 else {
      guard parts.count == 1 else {
        throw CronError(
          field, text, expected: "a range before the step",
          hint: "did you mean '\(head)-\(field.bounds.upperBound)/\(step)'?")
      }
      return Self.set(lower...lower, by: 1)
    }
    let upper = try value(ends[1])
    guard lower <= upper else { throw backwards(text, ends) }
    return Self.set(lower...upper, by: step)
  }

  private static func set(_ range: ClosedRange<Int>, by step: Int) -> CronSet {
    var set = CronSet()
    for number in stride(from: range.lowerBound, through: range.upperBound, by: step) { set.insert(number) }
    return set
  }

  private func value(_ text: Substring) throws(CronError) -> Int {
    if let index = field.names.firstIndex(of: text.lowercased()) { return index + (field == .month ? 1 : 0) }
    guard let number = Self.number(text), field.bounds.contains(number) else { throw unexpected(text) }
    return number
  }

  private func step(_ text: Substring) throws(CronError) -> Int {
    guard let step = Self.number(text), (1...field.count).contains(step) else {
      throw CronError(field, "/\(text)", expected: "a step from 1 to \(field.count)")
    }
    return step
  }

  /// Digits alone: neither a sign nor a space.
  private static func number(_ text: Substring) -> Int? {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
  }

  private func unexpected(_ text: Substring) -> CronError {
    let suggestion = text.count < 3 ? nil : Spelling.suggestion(for: String(text), among: field.names)
    return CronError(field, text, expected: field.expectation, hint: suggestion.map { "did you mean '\($0)'?" })
  }

  private func backwards(_ text: Substring, _ ends: [Substring]) -> CronError {
    let last = field == .dayOfWeek ? 6 : field.bounds.upperBound
    return CronError(
      field, text, expected: "a range that goes up",
      hint: "did you mean '\(ends[0])-\(last),\(field.bounds.lowerBound)-\(ends[1])'?")
  }
}
