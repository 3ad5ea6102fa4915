import Testing

/// A rule of the repository, with made-up files that prove that it finds what it is for.
struct Rule: Sendable, CustomTestStringConvertible {
  let name: String
  let plants: [Plant]
  /// Everything in these files that breaks the rule.
  let check: @Sendable ([SourceFile]) -> [Finding]

  /// A rule that looks at all files together.
  init(_ name: String, plants: [Plant], check: @escaping @Sendable ([SourceFile]) -> [Finding]) {
    self.name = name
    self.plants = plants
    self.check = check
  }

  /// A rule that looks at one file at a time.
  static func each(
    _ name: String, plants: [Plant], check: @escaping @Sendable (SourceFile) -> [Finding]
  ) -> Rule {
    Rule(name, plants: plants) { files in files.flatMap(check) }
  }

  var testDescription: String { name }

  static let all: [Rule] =
    sizeRules + formRules + banRules + concurrencyRules + importRules + documentationRules + nameRules + wordRules
    + linkRules
}

/// A made-up file, and the lines on which a rule must find something in it; none, where the file keeps the rule.
struct Plant: Sendable {
  let files: [SourceFile]
  let lines: [Int]

  init(_ path: String, _ text: String, lines: [Int]) {
    self.init([SourceFile(path: path, text: text)], lines: lines)
  }

  /// Several files that only together break a rule.
  init(_ files: [SourceFile], lines: [Int]) {
    self.files = files
    self.lines = lines
  }
}
