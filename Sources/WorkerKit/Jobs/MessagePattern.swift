/// Takes out of a message what differs from case to case, in one pass over it.
enum MessagePattern {
  /// The longest pattern, in characters.
  static let longest = 300

  /// The message with placeholders for what varies.
  static func of(_ message: String) -> String {
    let words = unquoted(Array(message.unicodeScalars.prefix(1000))).split(whereSeparator: isSpace).map(word)
    var pattern: [String] = []
    for word in words where !(word == "<n>" && pattern.last == word) { pattern.append(word) }
    return String(pattern.joined(separator: " ").prefix(longest))
  }

  private static let quotes: [Unicode.Scalar: Unicode.Scalar] = [
    "\"": "\"", "'": "'", "`": "`", "“": "”", "‘": "’", "«": "»", "„": "“",
  ]

  /// Puts a placeholder where something is quoted. A quote within a word, as in "isn't", opens nothing.
  private static func unquoted(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    // From here on this kind of quote is not closed any more: one look to the end for each kind.
    var unclosed: Set<Unicode.Scalar> = []
    var (result, index) = ([Unicode.Scalar](), 0)
    while index < text.count {
      let scalar = text[index]
      if let closing = quotes[scalar], !unclosed.contains(scalar), result.last.map(isWordPart) != true {
        if let end = text[(index + 1)...].firstIndex(of: closing) {
          result += "<text>".unicodeScalars
          index = end + 1
          continue
        }
        unclosed.insert(scalar)
      }
      result.append(scalar)
      index += 1
    }
    return result
  }

  /// One word of a message, or a placeholder.
  private static func word(_ text: ArraySlice<Unicode.Scalar>) -> String {
    var (head, body, tail) = ([Unicode.Scalar](), text, [Unicode.Scalar]())
    while let first = body.first, opening.contains(first) { head.append(body.removeFirst()) }
    while let last = body.last, ending.contains(last) { tail.append(body.removeLast()) }
    if let equals = body.firstIndex(of: "="), equals != body.startIndex, !isPath(body[..<equals]) {
      head += body[...equals]
      body = body[(equals + 1)...]
    }
    let middle = isPath(body) ? "<path>" : isIdentifier(body) ? "<id>" : numbered(body)
    return joined(head) + middle + joined(tail.reversed())
  }

  private static let opening: Set<Unicode.Scalar> = ["(", "[", "{", "<", "#"]
  private static let ending: Set<Unicode.Scalar> = [")", "]", "}", ">", ".", ",", ";", ":", "!", "?"]

  private static func isPath(_ word: ArraySlice<Unicode.Scalar>) -> Bool {
    word.count > 1 && (word.contains("/") || word.contains("\\"))
  }

  /// True for what no person would write: long and with digits among letters, or hexadecimal throughout.
  private static func isIdentifier(_ word: ArraySlice<Unicode.Scalar>) -> Bool {
    let digits = word.count(where: isDigit)
    guard digits > 0 else { return false }
    if word.count >= 12, word.allSatisfy({ isWordPart($0) || $0 == "-" || $0 == ":" }), digits < word.count {
      return true
    }
    let body = word.starts(with: ["0", "x"]) ? word.dropFirst(2) : word.count < 6 ? [] : word
    return !body.isEmpty && body.allSatisfy { isHexadecimal($0) || $0 == ":" } && !body.allSatisfy(isDigit)
  }

  /// The word with each number in it replaced; `1.5`, `1,000` and `10.0.0.7:80` are numbers.
  private static func numbered(_ word: ArraySlice<Unicode.Scalar>) -> String {
    var (result, index) = ("", word.startIndex)
    while index < word.endIndex {
      guard isDigit(word[index]) else {
        result.unicodeScalars.append(word[index])
        index += 1
        continue
      }
      result += "<n>"
      while index < word.endIndex, isDigit(word[index]) || joins(word, index) { index += 1 }
    }
    return result
  }

  private static func joins(_ word: ArraySlice<Unicode.Scalar>, _ index: Int) -> Bool {
    [".", ",", ":"].contains(word[index]) && index + 1 < word.endIndex && isDigit(word[index + 1])
  }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }
  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
  private static func isHexadecimal(_ scalar: Unicode.Scalar) -> Bool {
    isDigit(scalar) || ("a"..."f").contains(scalar) || ("A"..."F").contains(scalar)
  }
  private static func isWordPart(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isAlphabetic || isDigit(scalar) || scalar == "_"
  }

  private static func joined(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var text = ""
    text.unicodeScalars.append(contentsOf: scalars)
    return text
  }
}
