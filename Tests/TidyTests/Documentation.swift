/// Doc comments, and the protocols that promise something for others.
enum Documentation {
  /// True where a `///` comment stands right above a line, or above its attributes.
  static func isGiven(_ line: Int, in file: SourceFile) -> Bool {
    var index = line - 2
    while index >= 0, trimmed(file.lines[index]).hasPrefix("@") { index -= 1 }
    return index >= 0 && trimmed(file.lines[index]).hasPrefix("///")
  }

  /// The names of what documented requirements ask for; a member that carries one keeps a promise made there.
  static func requirements(of file: SourceFile) -> [String] {
    guard file.isIn("Sources"), file.isSwift else { return [] }
    return requirements(of: file) { _ in true }.filter { isGiven($0.line, in: file) }.map(\.name)
  }

  /// What public protocols ask for.
  static func publicRequirements(of file: SourceFile) -> [Declaration] {
    file.isSwift ? requirements(of: file) { $0.isPublic } : []
  }

  private static func requirements(
    of file: SourceFile, where isWanted: (Declaration) -> Bool
  ) -> [Declaration] {
    var owner: Declaration?
    return Declaration.of(file).filter { declaration in
      if let holder = owner, declaration.depth <= holder.depth { owner = nil }
      if declaration.keyword == "protocol" {
        owner = isWanted(declaration) ? declaration : nil
        return false
      }
      return owner.map { declaration.depth == $0.depth + 1 } ?? false
    }
  }

  private static func trimmed(_ line: Substring) -> Substring { line.drop { $0 == " " } }
}
