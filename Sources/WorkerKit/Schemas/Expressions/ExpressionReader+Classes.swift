extension ExpressionReader {
  /// Reads a class; its bracket is taken already.
  mutating func scalarClass() throws(ExpressionError) -> ScalarSet {
    var set = ScalarSet()
    let isNegated = takes("^")
    while !takes("]") {
      guard next != nil else { throw fault("a class is not closed with ']'") }
      let (lower, first) = try member()
      guard takes("-") else {
        set.insert(first)
        continue
      }
      if next == "]" {
        set.insert(first)
        set.insert(0x2D...0x2D)
        continue
      }
      let (upper, _) = try member()
      guard let lower, let upper, lower <= upper else {
        throw fault("a range goes from one character to a later one; write a hyphen itself as \\-")
      }
      set.insert(lower.value...upper.value)
    }
    set.isNegated = isNegated
    return set
  }

  /// One member of a class; with the scalar where it is a single one, which may begin or end a range.
  private mutating func member() throws(ExpressionError) -> (Unicode.Scalar?, ScalarSet) {
    guard let scalar = next else { throw fault("a class is not closed with ']'") }
    if scalar == "\\" {
      if let single = try singleEscape(inClass: true) { return (single, ScalarSet(single)) }
      return (nil, try escape(inClass: true))
    }
    place += 1
    return (scalar, ScalarSet(scalar))
  }

  /// Reads what a backslash begins.
  mutating func escape(inClass: Bool) throws(ExpressionError) -> ScalarSet {
    if let scalar = try singleEscape(inClass: inClass) { return ScalarSet(scalar) }
    for (sign, set) in Self.classes where takes(sign) { return set }
    if takes("\\p{") || takes("\\P{") { return try category(isNegated: scalars[place - 2] == "P") }
    if let digit = scalars.dropFirst(place + 1).first, ("1"..."9").contains(digit) || digit == "k" {
      throw fault("back-references are not supported, since they can make matching slow beyond measure")
    }
    throw fault("there is no such escape; a backslash itself is written \\\\")
  }

  private static let classes: [(String, ScalarSet)] = [
    ("\\d", .digits), ("\\D", .digits.inverted), ("\\s", .space), ("\\S", .space.inverted), ("\\w", .word),
    ("\\W", .word.inverted),
  ]

  private mutating func category(isNegated: Bool) throws(ExpressionError) -> ScalarSet {
    let name = String(String.UnicodeScalarView(scalars[place...].prefix { $0 != "}" }))
    guard let categories = ScalarCategory.named(name), scalars.count > place + name.unicodeScalars.count else {
      throw fault("\\p{…} names a general category of Unicode: L, Lu, Nd, …")
    }
    place += name.unicodeScalars.count + 1
    return ScalarSet(categories, isNegated: isNegated)
  }

  /// The one scalar that an escape stands for; nil, and nothing read, where it stands for more.
  private mutating func singleEscape(inClass: Bool) throws(ExpressionError) -> Unicode.Scalar? {
    guard let sign = scalars.dropFirst(place + 1).first else { throw fault("the expression ends with a backslash") }
    if let control = Self.controls[sign], sign != "b" || inClass {
      place += 2
      return control
    }
    if "^$\\.*+?()[]{}|/".unicodeScalars.contains(sign) || (inClass && sign == "-") {
      place += 2
      return sign
    }
    switch sign {
    case "x": return try hexadecimal(after: "\\x", digits: 2)
    case "u" where scalars.dropFirst(place + 2).first == "{": return try braced()
    case "u": return try hexadecimal(after: "\\u", digits: 4)
    default: return nil
    }
  }

  private static let controls: [Unicode.Scalar: Unicode.Scalar] = [
    "t": "\t", "n": "\n", "r": "\r", "v": "\u{0B}", "f": "\u{0C}", "0": "\u{0}", "b": "\u{08}",
  ]

  private mutating func hexadecimal(after sign: String, digits: Int) throws(ExpressionError) -> Unicode.Scalar {
    let text = String(String.UnicodeScalarView(scalars.dropFirst(place + sign.count).prefix(digits)))
    guard text.count == digits, let scalar = Self.scalar(ofDigits: text) else {
      throw fault("\(sign) needs \(digits) hexadecimal digits of a character; others are written \\u{…}")
    }
    place += sign.count + digits
    return scalar
  }

  private mutating func braced() throws(ExpressionError) -> Unicode.Scalar {
    let text = String(String.UnicodeScalarView(scalars.dropFirst(place + 3).prefix { $0 != "}" }))
    guard let scalar = Self.scalar(ofDigits: text), scalars.count > place + 3 + text.unicodeScalars.count else {
      throw fault("\\u{…} holds the hexadecimal number of a character")
    }
    place += 4 + text.unicodeScalars.count
    return scalar
  }

  private static func scalar(ofDigits text: String) -> Unicode.Scalar? {
    guard (1...6).contains(text.utf8.count), text.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else {
      return nil
    }
    return UInt32(text, radix: 16).flatMap(Unicode.Scalar.init)
  }
}
