/// Finds where in a JSON text the value stands that a path leads to. The text is one that `JSONReader` has read.
struct JSONLocator {
  private let bytes: [UInt8]
  private var place = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  /// Where the member or element that `path` leads to begins, a member with its key; the last place on the way where
  /// it leads to nothing.
  mutating func place(of path: [String]) -> Place {
    place = 0
    skipSpace()
    var found = place
    for step in path {
      guard let next = enter(step) else { break }
      found = next
    }
    return located(found)
  }

  /// Goes to the value of a member or an element, and gives where that begins; nil where there is none.
  private mutating func enter(_ step: String) -> Int? {
    let isObject = peek == UInt8(ascii: "{")
    guard isObject || peek == UInt8(ascii: "[") else { return nil }
    place += 1
    var index = 0
    while true {
      skipSpace()
      guard let byte = peek, byte != UInt8(ascii: "}"), byte != UInt8(ascii: "]") else { return nil }
      let start = place
      var name = String(index)
      if isObject {
        skipValue()
        name = Self.text(bytes[start..<place])
        skipSpace()
        place += 1
        skipSpace()
      }
      if name == step { return start }
      skipValue()
      skipSpace()
      guard peek == UInt8(ascii: ",") else { return nil }
      place += 1
      index += 1
    }
  }

  private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skipSpace() {
    while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { place += 1 }
  }

  /// Goes behind a value, however deep it is.
  private mutating func skipValue() {
    var depth = 0
    repeat {
      switch peek {
      case UInt8(ascii: "\"")?: skipText()
      case UInt8(ascii: "{")?, UInt8(ascii: "[")?:
        depth += 1
        place += 1
      case UInt8(ascii: "}")?, UInt8(ascii: "]")?:
        depth -= 1
        place += 1
      case nil: return
      default: skipPlain()
      }
    } while depth > 0
  }

  private mutating func skipText() {
    place += 1
    while let byte = peek, byte != UInt8(ascii: "\"") { place += byte == UInt8(ascii: "\\") ? 2 : 1 }
    place += 1
  }

  /// A number, a word, or what stands between values.
  private mutating func skipPlain() {
    place += 1
    while let byte = peek, !"\"{}[],: \t\r\n".utf8.contains(byte) { place += 1 }
  }

  private static func text(_ quoted: ArraySlice<UInt8>) -> String {
    guard case .string(let text)? = try? JSONReader.parse(Array(quoted)) else { return "" }
    return text
  }

  private func located(_ offset: Int) -> Place {
    let before = bytes.prefix(offset)
    let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return Place(
      line: before.count { $0 == UInt8(ascii: "\n") } + 1,
      column: before[start...].count { $0 & 0xC0 != 0x80 } + 1)
  }
}
