/// Blanks out a Swift text's comments and the insides of its texts, so that rules see code only.
///
/// Lines stay where they are. What is interpolated into a text is code. Regular expression literals are not known: a
/// quotation mark or a brace in one would be taken for code.
struct CodeOnly {
  private enum Mode {
    /// Code, and how many parentheses are open in it; an interpolation ends with the one that opened it.
    case code(parentheses: Int)
    case text(hashes: Int, isMultiline: Bool)
  }

  private let bytes: [UInt8]
  private var output: [UInt8] = []
  private var place = 0
  private var modes: [Mode] = [.code(parentheses: 0)]

  static func of(_ text: String) -> String {
    var reader = CodeOnly(bytes: Array(text.utf8))
    while reader.place < reader.bytes.count { reader.step() }
    return String(decoding: reader.output, as: UTF8.self)
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
    output.reserveCapacity(bytes.count)
  }

  private mutating func step() {
    switch modes.last {
    case .text(let hashes, let isMultiline): stepInText(hashes: hashes, isMultiline: isMultiline)
    case .code(let parentheses): stepInCode(parentheses: parentheses)
    case nil: keep(1)
    }
  }

  private mutating func stepInCode(parentheses: Int) {
    if starts(with: "//") { return blankLine() }
    if starts(with: "/*") { return blankComment() }
    switch bytes[place] {
    case UInt8(ascii: "("):
      setParentheses(parentheses + 1)
    case UInt8(ascii: ")"):
      if parentheses == 0, modes.count > 1 { modes.removeLast() } else { setParentheses(max(0, parentheses - 1)) }
    case UInt8(ascii: "\""), UInt8(ascii: "#"):
      if openText() { return }
    default: break
    }
    keep(1)
  }

  private mutating func setParentheses(_ count: Int) { modes[modes.count - 1] = .code(parentheses: count) }

  private mutating func openText() -> Bool {
    let hashes = bytes[place...].prefix { $0 == UInt8(ascii: "#") }.count
    guard place + hashes < bytes.count, bytes[place + hashes] == UInt8(ascii: "\"") else { return false }
    keep(hashes)
    let isMultiline = starts(with: "\"\"\"")
    keep(isMultiline ? 3 : 1)
    modes.append(.text(hashes: hashes, isMultiline: isMultiline))
    return true
  }

  private mutating func stepInText(hashes: Int, isMultiline: Bool) {
    let guarding = String(repeating: "#", count: hashes)
    let end = (isMultiline ? "\"\"\"" : "\"") + guarding
    if starts(with: end) {
      modes.removeLast()
      keep(end.utf8.count)
    } else if starts(with: "\\" + guarding + "(") {
      blank(1 + hashes)
      keep(1)
      modes.append(.code(parentheses: 0))
    } else if starts(with: "\\" + guarding) {
      blank(2 + hashes)
    } else {
      blank(1)
    }
  }

  private mutating func blankLine() {
    while place < bytes.count, bytes[place] != UInt8(ascii: "\n") { blank(1) }
  }

  private mutating func blankComment() {
    var depth = 0
    repeat {
      if starts(with: "/*") {
        depth += 1
        blank(2)
      } else if starts(with: "*/") {
        depth -= 1
        blank(2)
      } else {
        blank(1)
      }
    } while depth > 0 && place < bytes.count
  }

  private func starts(with text: String) -> Bool {
    var index = place
    for byte in text.utf8 {
      guard index < bytes.count, bytes[index] == byte else { return false }
      index += 1
    }
    return true
  }

  private mutating func keep(_ count: Int) {
    output.append(contentsOf: bytes[place..<min(bytes.count, place + count)])
    place += count
  }

  private mutating func blank(_ count: Int) {
    for byte in bytes[place..<min(bytes.count, place + count)] {
      output.append(byte == UInt8(ascii: "\n") ? byte : UInt8(ascii: " "))
    }
    place += count
  }
}
