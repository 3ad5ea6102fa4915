/// Text that a terminal shows and does not obey: names and messages come from others.
enum PlainText {
  /// The text with control characters, and those that turn the direction of writing, as `\u001b`; lines and tabs stay.
  static func of(_ text: String) -> String { escaped(text) { $0 == "\n" || $0 == "\t" } }

  /// The same for a text that is to stay on one line.
  static func line(_ text: String) -> String { escaped(text) { _ in false } }

  private static func escaped(_ text: String, but isKept: (Unicode.Scalar) -> Bool) -> String {
    guard text.unicodeScalars.contains(where: { isUnruly($0) && !isKept($0) }) else { return text }
    return text.unicodeScalars.reduce(into: "") { result, scalar in
      guard isUnruly(scalar), !isKept(scalar) else { return result.unicodeScalars.append(scalar) }
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
  }

  private static func isUnruly(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
