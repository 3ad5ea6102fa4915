extension JSONParser {
  /// Reads a number: `[ minus ] int [ frac ] [ exp ]` (RFC 8259 section 6).
  mutating func number() throws(JSONFault) -> JSON {
    let start = offset
    var decimal = Decimal()
    if current == UInt8(ascii: "-") {
      decimal.isNegative = true
      offset += 1
    }
    if current == UInt8(ascii: "0") {
      offset += 1
      guard !isDigit(current) else { throw unexpected("a number may not begin with 0", .invalidNumber) }
    } else {
      _ = try digits { decimal.append($0) }
    }
    var isWhole = true
    if current == UInt8(ascii: ".") {
      isWhole = false
      offset += 1
      decimal.exponent -= try digits { decimal.append($0) }
    }
    if current | 0x20 == UInt8(ascii: "e") {
      isWhole = false
      decimal.exponent += try exponent()
    }
    if isWhole, let integer = decimal.integer { return .integer(integer) }
    if let value = decimal.exactDouble { return .double(value) }
    return .double(try double(from: start))
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  /// Reads one or more digits and returns how many there were.
  @inline(__always)
  private mutating func digits(_ use: (UInt8) -> Void) throws(JSONFault) -> Int {
    let start = offset
    while isDigit(current) {
      use(current &- UInt8(ascii: "0"))
      offset += 1
    }
    guard offset > start else { throw unexpected("a digit was expected", .invalidNumber) }
    return offset - start
  }

  private mutating func exponent() throws(JSONFault) -> Int {
    offset += 1
    let isNegative = current == UInt8(ascii: "-")
    if isNegative || current == UInt8(ascii: "+") { offset += 1 }
    var exponent = 0
    // Held well below overflow; no input is long enough for its fraction to make up for such an exponent exactly.
    _ = try digits { exponent = min(exponent * 10 + Int($0), 1 << 40) }
    return isNegative ? -exponent : exponent
  }

  private func double(from start: Int) throws(JSONFault) -> Double {
    let text = String(decoding: UnsafeBufferPointer(rebasing: input[start..<offset]), as: UTF8.self)
    guard let value = Double(text), value.isFinite else {
      throw JSONFault(code: .numberOutOfRange, message: "the number is too large", offset: start)
    }
    return value
  }
}

/// The digits of a number as read, while they fit 64 bits.
private struct Decimal {
  var isNegative = false
  var exponent = 0
  private var magnitude: UInt64 = 0
  private var isComplete = true

  @inline(__always)
  mutating func append(_ digit: UInt8) {
    // With less than 10^18 another digit cannot overflow.
    guard magnitude < 1_000_000_000_000_000_000 else {
      isComplete = false
      return
    }
    magnitude = magnitude &* 10 &+ UInt64(digit)
  }

  var integer: Int64? {
    guard isComplete else { return nil }
    guard isNegative else { return Int64(exactly: magnitude) }
    return magnitude == Int64.min.magnitude ? .min : Int64(exactly: magnitude).map { -$0 }
  }

  /// The nearest double, where one multiplication or division finds it: both operands are exact, and IEEE 754 rounds
  /// the one operation correctly (Clinger, "How to Read Floating Point Numbers Accurately", 1990).
  var exactDouble: Double? {
    guard isComplete, magnitude <= 1 << 53, -22...22 ~= exponent else { return nil }
    let power = powersOfTen[abs(exponent)]
    let value = exponent < 0 ? Double(magnitude) / power : Double(magnitude) * power
    return isNegative ? -value : value
  }
}

private let powersOfTen: [Double] = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
]
