import Foundation
import Testing
import WorkerKit

/// Tries what `docs/patterns.md` says.
@Suite("Patterns: the page")
struct PatternPageTests {
  struct Line: Sendable, CustomTestStringConvertible {
    let pattern: String
    let matching: String
    let other: String
    var testDescription: String { pattern }
  }

  private static let page = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../docs/patterns.md")

  private static func lines() throws -> [Line] {
    try String(contentsOf: page, encoding: .utf8).split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "`", omittingEmptySubsequences: false).map(String.init)
      guard line.hasPrefix("| `{"), cells.count == 7 else { return nil }
      return Line(pattern: cells[1], matching: cells[3], other: cells[5])
    }
  }

  @Test("each pattern matches the first event and not the second")
  func examples() throws {
    let lines = try Self.lines()
    #expect(lines.count >= 40)
    for line in lines {
      let pattern = try Pattern.read(line.pattern, file: "p")
      #expect(pattern.mismatch(try JSONReader.parse(line.matching)) == nil, "\(line.pattern) \(line.matching)")
      #expect(pattern.mismatch(try JSONReader.parse(line.other)) != nil, "\(line.pattern) \(line.other)")
    }
  }

  @Test("every operator has an example")
  func operators() throws {
    let patterns = try Self.lines().map(\.pattern).joined()
    for word in [
      "prefix", "suffix", "wildcard", "equals-ignore-case", "anything-but", "numeric", "cidr", "exists", "$or",
    ] {
      #expect(patterns.contains("\(word): "), "\(word)")
    }
  }
}
