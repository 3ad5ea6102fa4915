/// A field of a cron expression, in the order in which they stand.
public enum CronField: String, Sendable, Hashable, CaseIterable {
  case minute, hour
  case dayOfMonth = "day of the month"
  case month
  case dayOfWeek = "day of the week"

  /// The numbers that the field takes; as a day of the week, both 0 and 7 are Sunday.
  var bounds: ClosedRange<Int> {
    switch self {
    case .minute: 0...59
    case .hour: 0...23
    case .dayOfMonth: 1...31
    case .month: 1...12
    case .dayOfWeek: 0...7
    }
  }

  /// How many different values there are: the longest step that means anything.
  var count: Int { self == .dayOfWeek ? 7 : bounds.count }

  /// The words that stand for numbers, the first for the least number.
  var names: [String] {
    switch self {
    case .month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    case .dayOfWeek: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    default: []
    }
  }

  /// What the field takes, for a person.
  var expectation: String {
    let numbers = "a number from \(bounds.lowerBound) to \(bounds.upperBound)"
    guard let first = names.first, let last = names.last else { return numbers }
    return "\(numbers), or a name from \(first) to \(last)"
  }
}
