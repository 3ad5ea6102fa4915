/// A declaration as far as one line shows it.
struct Declaration {
  let line: Int
  let keyword: String
  /// The name without arguments: `lease`, `<`; for initialisers and subscripts with the first: `init(rawValue`.
  let name: String
  let isPublic: Bool
  let isOverride: Bool
  /// True for a property with a body that computes it.
  let isComputed: Bool
  /// How many braces are open before it.
  let depth: Int

  private static let keywords: Set<Substring> = [
    "func", "init", "struct", "class", "enum", "protocol", "actor", "typealias", "var", "let", "subscript",
    "extension",
  ]
  private static let modifiers: Set<Substring> = [
    "public", "package", "internal", "fileprivate", "private", "open", "static", "final", "mutating", "nonmutating",
    "convenience", "required", "override", "indirect", "nonisolated", "lazy", "weak", "prefix", "postfix", "infix",
    "consuming", "borrowing", "class",
  ]

  /// The declarations of a file, in order; those in bodies of functions too.
  static func of(_ file: SourceFile) -> [Declaration] {
    var depth = 0
    var found: [Declaration] = []
    for (index, line) in file.code.enumerated() {
      if let declaration = Declaration(line, number: index + 1, depth: depth) { found.append(declaration) }
      for character in line {
        if character == "{" { depth += 1 } else if character == "}" { depth -= 1 }
      }
    }
    return found
  }

  private init?(_ line: Substring, number: Int, depth: Int) {
    var words = line.split(separator: " ")[...]
    var modifiers: Set<Substring> = []
    while let word = words.first, !Self.keywords.contains(Self.stem(word)) || words.dropFirst().first.isKeyword {
      guard word.hasPrefix("@") || Self.modifiers.contains(word.prefix { $0 != "(" }) else { return nil }
      modifiers.insert(word)
      words.removeFirst()
    }
    guard let word = words.first else { return nil }
    let keyword = Self.stem(word)
    self.line = number
    self.keyword = String(keyword)
    name = Self.name(in: words, keyword: keyword)
    isPublic = modifiers.contains("public") || modifiers.contains("open")
    isOverride = modifiers.contains("override")
    isComputed = keyword == "var" && line.contains("{") && !line.contains("=")
    self.depth = depth
  }

  private static func name(in words: ArraySlice<Substring>, keyword: Substring) -> String {
    if keyword == "init" || keyword == "subscript" {
      return words.joined(separator: " ").prefix { $0 != ":" }.description
    }
    let named = words.dropFirst().first ?? ""
    let isOperator = named.first.map { !$0.isLetter && $0 != "_" && $0 != "`" } ?? true
    return String(isOperator ? named.prefix { $0 != "(" } : named.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
  }

  /// The keyword in `init(a:`, `init?(`, `subscript(` or `init<T>(`.
  private static func stem(_ word: Substring) -> Substring { word.prefix { $0.isLetter } }
}

extension Substring? {
  /// `class func` and `class var`: there, `class` is a modifier.
  fileprivate var isKeyword: Bool { self == "func" || self == "var" }
}
