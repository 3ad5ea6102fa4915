import WorkerKit

/// Reads the members of a request's body, and gathers everything that is wrong with them.
struct BodyReader {
  private let body: JSON
  private(set) var items: [Problem.Item] = []

  /// The longest text, in characters.
  static let longestText = 1000

  /// Reads `body`; members that are not among `known` are wrong.
  init(_ body: JSON, known: Set<String>) {
    self.body = body
    guard case .object(let members) = body else {
      note("body", "invalid", "The body is an object.")
      return
    }
    for key in members.keys.sorted() where !known.contains(key) {
      let hint = Spelling.suggestion(for: key, among: known.sorted())
      note(
        String(key.prefix(100)), "unknown_field",
        "There is no such field\(hint.map { "; did you mean \($0)?" } ?? ".")")
    }
  }

  /// Notes something that is wrong.
  mutating func note(_ field: String, _ code: String, _ message: String) {
    items.append(.init(field: field, code: code, message: message))
  }

  /// A text that is not empty, or nil.
  mutating func text(_ field: String, isRequired: Bool = false) -> String? {
    guard let value = body[field], value != .null else {
      if isRequired { note(field, "required", "This field is a text of 1 to \(Self.longestText) characters.") }
      return nil
    }
    guard case .string(let text) = value, (1...Self.longestText).contains(text.count) else {
      note(field, "invalid", "This field is a text of 1 to \(Self.longestText) characters.")
      return nil
    }
    return text
  }

  /// A date and time, or nil.
  mutating func moment(_ field: String) -> Timestamp? {
    EventFilterReader.moment(field, text(field), &items)
  }

  /// A whole number within a range, or nil.
  mutating func number(_ field: String, within range: ClosedRange<Int>) -> Int? {
    guard let value = body[field], value != .null else { return nil }
    guard case .integer(let number) = value, range.contains(Int(number)) else {
      note(field, "invalid", "This field is a whole number from \(range.lowerBound) to \(range.upperBound).")
      return nil
    }
    return Int(number)
  }

  /// True or false; false where it is not there.
  mutating func flag(_ field: String) -> Bool {
    switch body[field] {
    case .bool(let flag)?: return flag
    case nil, .null?: return false
    default:
      note(field, "invalid", "This field is true or false.")
      return false
    }
  }

  /// States by their words, separated by commas, of those that are allowed; all of these where none is named.
  mutating func states(_ field: String, among allowed: [JobState]) -> Set<JobState> {
    guard let text = text(field) else { return Set(allowed) }
    var states: Set<JobState> = []
    for word in text.split(separator: ",") {
      if let state = JobState(rawValue: word.uppercased()), allowed.contains(state) {
        states.insert(state)
      } else {
        note(field, "invalid", "A state here is one of \(allowed.map(\.rawValue).joined(separator: ", ")).")
      }
    }
    return states
  }
}
