/// Numbers from one bound to another; either may be open or missing.
public struct NumericRange: Sendable, Hashable, CustomStringConvertible {
  /// An end of a range.
  public struct Bound: Sendable, Hashable {
    /// A number of JSON.
    public let number: JSON
    /// Whether the number itself is in the range.
    public let isIncluded: Bool
    let exact: ExactNumber
  }

  /// Nil where the range has no lower end.
  public let lower: Bound?
  /// Nil where the range has no upper end.
  public let upper: Bound?

  /// The comparisons that bound a range from below, from above, and both.
  static let operators = [">", ">=", "<", "<=", "="]

  /// A range that holds the numbers for which all the comparisons do; `=` bounds it on both sides.
  ///
  /// Nil where an operator is unknown, a value is no number, one side is bounded twice, or no number is in the range.
  public init?(_ comparisons: [(operator: String, number: JSON)]) {
    var (lower, upper): (Bound?, Bound?)
    for (sign, number) in comparisons {
      guard Self.operators.contains(sign), let exact = ExactNumber(number) else { return nil }
      let bound = Bound(number: number, isIncluded: sign.hasSuffix("="), exact: exact)
      if sign != "<" && sign != "<=" {
        guard lower == nil else { return nil }
        lower = bound
      }
      if sign != ">" && sign != ">=" {
        guard upper == nil else { return nil }
        upper = bound
      }
    }
    guard lower != nil || upper != nil else { return nil }
    if let lower, let upper {
      guard lower.exact < upper.exact || (lower.exact == upper.exact && lower.isIncluded && upper.isIncluded)
      else { return nil }
    }
    (self.lower, self.upper) = (lower, upper)
  }

  /// Whether a number is in the range.
  func contains(_ number: ExactNumber) -> Bool {
    if let lower, number < lower.exact || (number == lower.exact && !lower.isIncluded) { return false }
    if let upper, upper.exact < number || (number == upper.exact && !upper.isIncluded) { return false }
    return true
  }

  /// The range as comparisons: `> 0 and <= 5`.
  public var description: String {
    if let lower, lower.exact == upper?.exact { return "= \(lower.number.text())" }
    let low = lower.map { "\($0.isIncluded ? ">=" : ">") \($0.number.text())" }
    let high = upper.map { "\($0.isIncluded ? "<=" : "<") \($0.number.text())" }
    return [low, high].compactMap(\.self).joined(separator: " and ")
  }
}

/// A number of JSON, ordered by its mathematical value: no integer is rounded to a double.
struct ExactNumber: Sendable, Hashable, Comparable {
  private enum Form: Sendable, Hashable {
    case integer(Int64)
    /// Never one that an `Int64` can hold.
    case double(Double)
  }

  private let form: Form

  /// Nil for what is no number, or none that JSON can express.
  init?(_ value: JSON) {
    switch value {
    case .integer(let whole): form = .integer(whole)
    case .double(let number) where number.isFinite: form = Int64(exactly: number).map(Form.integer) ?? .double(number)
    default: return nil
    }
  }

  static func < (left: ExactNumber, right: ExactNumber) -> Bool {
    switch (left.form, right.form) {
    case (.integer(let left), .integer(let right)): left < right
    case (.double(let left), .double(let right)): left < right
    case (.integer(let left), .double(let right)): isLess(left, right)
    case (.double(let left), .integer(let right)): !isLess(right, left)
    }
  }

  /// Compares a whole number with one that is not, or that is beyond all `Int64`s.
  private static func isLess(_ whole: Int64, _ number: Double) -> Bool {
    guard abs(number) < 0x1p63 else { return number > 0 }
    return whole <= Int64(number.rounded(.down))
  }
}
