/// Finds functions, initialisers, subscripts and computed properties and counts their lines, by their braces.
struct FunctionLengths {
  struct Function {
    /// The line of the keyword, counted from 1.
    let start: Int
    var count = 0
  }

  /// Keywords after which the next brace, outside parentheses, opens a body that is measured.
  private static let measured: Set<Substring> = ["func", "init", "deinit", "subscript", "var"]
  /// Keywords that end the search for that brace.
  private static let others: Set<Substring> = [
    "struct", "class", "enum", "protocol", "extension", "actor", "let", "case", "typealias", "import",
  ]

  private var found: [Function] = []
  private var awaited: Int?
  private var open: [Int?] = []
  private var parentheses = 0

  static func of(_ file: SourceFile) -> [Function] {
    var lengths = FunctionLengths()
    for (index, line) in file.code.enumerated() { lengths.read(line, number: index + 1) }
    return lengths.found
  }

  private mutating func read(_ line: Substring, number: Int) {
    var word = line.startIndex
    var previous: Character?
    for index in line.indices {
      let character = line[index]
      if isPart(character) { continue }
      see(line[word..<index], after: previous, number: number)
      previous = character
      word = line.index(after: index)
      see(character, number: number)
    }
    see(line[word...], after: previous, number: number)
  }

  private mutating func see(_ word: Substring, after previous: Character?, number: Int) {
    guard parentheses == 0, previous != "." else { return }
    if Self.measured.contains(word) { awaited = number } else if Self.others.contains(word) { awaited = nil }
  }

  private mutating func see(_ character: Character, number: Int) {
    switch character {
    case "(", "[": parentheses += 1
    case ")", "]": parentheses = max(0, parentheses - 1)
    case "{" where parentheses == 0:
      open.append(awaited)
      awaited = nil
    case "}" where parentheses == 0:
      awaited = nil
      guard let start = open.popLast() ?? nil else { return }
      found.append(Function(start: start, count: number - start + 1))
    default: break
    }
  }

  private func isPart(_ character: Character) -> Bool { character.isLetter || character.isNumber || character == "_" }
}
