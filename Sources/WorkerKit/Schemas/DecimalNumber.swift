/// A number of JSON as the decimal fraction that stands for it: 0.3 is three tenths, and not the double next to it.
struct DecimalNumber: Sendable, Hashable {
  /// The digits, without sign.
  private let digits: UInt64
  /// Where the point is: the number is digits times ten to this power.
  private let exponent: Int

  /// Nil for what is no number.
  init?(_ value: JSON) {
    switch value {
    case .integer(let whole): self.init(digits: whole.magnitude, exponent: 0)
    case .double(let number) where number.isFinite: self.init(text: "\(number.magnitude)")
    default: return nil
    }
  }

  /// True when the number is `unit` times a whole number. `unit` is not zero.
  func isMultiple(of unit: DecimalNumber) -> Bool {
    if digits == 0 { return true }
    if exponent < unit.exponent {
      // A unit of more digits than 64 bits hold is larger than any number that has them.
      guard let scaled = Self.shifted(unit.digits, by: unit.exponent - exponent) else { return false }
      return digits.isMultiple(of: scaled)
    }
    var rest = digits % unit.digits
    for _ in 0..<(exponent - unit.exponent) where rest != 0 {
      rest = unit.digits.dividingFullWidth(rest.multipliedFullWidth(by: 10)).remainder
    }
    return rest == 0
  }

  private init(digits: UInt64, exponent: Int) {
    var (digits, exponent) = (digits, exponent)
    while digits != 0, digits.isMultiple(of: 10) { (digits, exponent) = (digits / 10, exponent + 1) }
    (self.digits, self.exponent) = (digits, exponent)
  }

  /// Reads what Swift writes for a double: `0.25`, `1e-07`.
  private init?(text: String) {
    let parts = text.split(separator: "e")
    let halves = parts[0].split(separator: ".")
    let fraction = halves.count > 1 ? halves[1] : ""
    guard let digits = UInt64(halves[0] + fraction), let power = Int(parts.count > 1 ? parts[1] : "0") else {
      return nil
    }
    self.init(digits: digits, exponent: power - fraction.count)
  }

  private static func shifted(_ digits: UInt64, by places: Int) -> UInt64? {
    var shifted = digits
    for _ in 0..<places {
      let (product, isTooLarge) = shifted.multipliedReportingOverflow(by: 10)
      guard !isTooLarge else { return nil }
      shifted = product
    }
    return shifted
  }
}
