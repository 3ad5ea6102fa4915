/// A file of the repository, or one that a test made up.
struct SourceFile: Sendable {
  /// The path from the repository's root: `Sources/WorkerKit/Values/JSON.swift`.
  let path: String
  let text: String
  /// The text's lines, without their newlines; a last newline begins no further line.
  let lines: [Substring]
  /// The same lines with comments and the insides of texts blanked out, for Swift; otherwise the lines as they are.
  let code: [Substring]

  init(path: String, text: String) {
    self.path = path
    self.text = text
    lines = Self.lines(of: text)
    code = path.hasSuffix(".swift") ? Self.lines(of: CodeOnly.of(text)) : lines
  }

  var isSwift: Bool { path.hasSuffix(".swift") }

  /// The path's last part without its extension: `JSON`.
  var baseName: String {
    let name = path.split(separator: "/").last ?? ""
    return String(name.prefix { $0 != "." })
  }

  /// True where the file lies in one of these folders, or is one of these files.
  func isIn(_ places: String...) -> Bool { isIn(places) }

  func isIn(_ places: [String]) -> Bool {
    places.contains { path == $0 || path.hasPrefix($0 + "/") }
  }

  /// What a rule says about a line, counted from 1.
  func finding(_ line: Int, _ advice: String) -> Finding { Finding(path: path, line: line, advice: advice) }

  private static func lines(of text: String) -> [Substring] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last == "" { lines.removeLast() }
    return lines
  }
}

/// A place where a rule is broken, and what to do about it.
struct Finding: Sendable, CustomStringConvertible {
  let path: String
  let line: Int
  let advice: String

  var description: String { "\(path):\(line): \(advice)" }
}
