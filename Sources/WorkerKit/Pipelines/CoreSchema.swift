/// Reads plain scalars by the core schema of YAML 1.2.2, section 10.3.2 (https://yaml.org/spec/1.2.2/#103-core-schema).
///
/// `on`, `no`, `yes` and `1:30` are texts there, and `010` is ten.
enum CoreSchema {
  /// What a plain scalar stands for; nil for the infinities and for "not a number", which JSON cannot hold.
  static func value(of plain: String) -> JSON? {
    switch plain {
    case "", "~", "null", "Null", "NULL": .null
    case "true", "True", "TRUE": .bool(true)
    case "false", "False", "FALSE": .bool(false)
    case ".nan", ".NaN", ".NAN": nil
    default: number(plain) ?? .some(.string(plain))
    }
  }

  /// Nil where the text is no number; a nil inside where it is one that JSON cannot hold.
  private static func number(_ plain: String) -> JSON?? {
    // Every number is ASCII and short; a long text is not worth a look.
    guard let first = plain.utf8.first, first < 0x3A, plain.utf8.count <= 400 else { return nil }
    if plain.hasPrefix("0o") { return based(plain.dropFirst(2), radix: 8) }
    if plain.hasPrefix("0x") { return based(plain.dropFirst(2), radix: 16) }
    let unsigned = first == 0x2B || first == 0x2D ? plain.dropFirst() : plain[...]
    if [".inf", ".Inf", ".INF"].contains(String(unsigned)) { return .some(nil) }
    if isWhole(unsigned) { return Int64(plain).map { .integer($0) } ?? double(plain) }
    return isFloat(unsigned) ? double(plain) : nil
  }

  private static func based(_ digits: Substring, radix: Int) -> JSON?? {
    guard let first = digits.utf8.first, first != 0x2B, first != 0x2D else { return nil }
    return Int64(digits, radix: radix).map { .some(.integer($0)) }
  }

  private static func double(_ text: String) -> JSON?? {
    guard let number = Double(text) else { return nil }
    return .some(JSON(finite: number))
  }

  private static func isWhole(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
  private static func isFloat(_ text: Substring) -> Bool {
    let parts = text.split(omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
    guard let mantissa = parts.first, parts.count <= 2 else { return false }
    if parts.count == 2 {
      let exponent = parts[1]
      let digits = exponent.hasPrefix("+") || exponent.hasPrefix("-") ? exponent.dropFirst() : exponent
      guard isWhole(digits) else { return false }
    }
    let halves = mantissa.split(separator: ".", omittingEmptySubsequences: false)
    switch halves.count {
    case 1: return isWhole(halves[0])
    case 2:
      let whole = halves[0].isEmpty || isWhole(halves[0])
      let fraction = halves[1].isEmpty || isWhole(halves[1])
      return whole && fraction && !(halves[0].isEmpty && halves[1].isEmpty)
    default: return false
    }
  }
}
