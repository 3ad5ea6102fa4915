import Foundation

/// A page of the documentation, and the commands that it shows.
struct Page {
  /// A block of code.
  struct Block {
    let language: String
    /// The number of its first line, from 1.
    let line: Int
    let text: String
  }

  /// A command that a page shows.
  struct Command {
    let line: Int
    let text: String
    /// What it prints, where the page shows that too.
    let shown: String?
  }

  /// Its path from the root of the repository.
  let name: String
  let blocks: [Block]

  /// The root of the repository.
  static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized

  /// The README, and every page of `docs`.
  static let names: [String] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: "docs").path)) ?? []
    return ["README.md"] + names.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
  }()

  init(_ name: String) throws {
    self.name = name
    let text = try String(contentsOf: Self.root.appending(path: name), encoding: .utf8)
    var blocks: [Block] = []
    var open: (language: String, line: Int, lines: [Substring])?
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line.hasPrefix("```"), let block = open {
        blocks.append(
          Block(language: block.language, line: block.line, text: block.lines.joined(separator: "\n")))
        open = nil
      } else if line.hasPrefix("```") {
        open = (String(line.dropFirst(3)), number + 2, [])
      } else {
        open?.lines.append(line)
      }
    }
    self.blocks = blocks
  }

  /// The commands, in order: of `sh` and `bash` every one, of `console` those behind a dollar, with what they print.
  var commands: [Command] {
    blocks.flatMap { block -> [Command] in
      switch block.language {
      case "sh", "bash":
        return ShellLines.commands(of: block.text).map {
          Command(line: block.line + $0.line, text: $0.text, shown: nil)
        }
      case "console": return Self.session(block)
      default: return []
      }
    }
  }

  /// The lines that look like commands and stand in blocks which are not read for any.
  var strays: [String] {
    blocks.filter { !["sh", "bash", "console"].contains($0.language) }.flatMap { block in
      block.text.split(separator: "\n").filter { line in
        ["$ ", "millrace ", "curl "].contains { line.hasPrefix($0) }
      }.map { "\(name):\(block.line): \($0)" }
    }
  }

  private static func session(_ block: Block) -> [Command] {
    var commands: [Command] = []
    for (number, line) in block.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line.hasPrefix("$ ") {
        commands.append(Command(line: block.line + number, text: String(line.dropFirst(2)), shown: ""))
      } else if let last = commands.popLast() {
        commands.append(Command(line: last.line, text: last.text, shown: (last.shown ?? "") + line + "\n"))
      }
    }
    return commands
  }
}
