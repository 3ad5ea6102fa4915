import Foundation

/// What documents point to is there.
let linkRules: [Rule] = [
  .each(
    "relative links lead to files",
    plants: [
      Plant(
        "README.md", "[a](Package.swift) [b](https://example.org/x) [c](#c) [d](mailto:d@example.org)\n", lines: []),
      Plant("README.md", "a\n[a](Package.swift#b) and [b](no-such-file.md)\n", lines: [2]),
      Plant("Tests/Fixtures/a.md", "[a](../../Package.swift)\n![b](../Package.swift)\n", lines: [2]),
      Plant("README.md", "[a]: no-such-file.md\n", lines: [1]),
    ]
  ) { file in
    guard file.path.hasSuffix(".md") else { return [] }
    let folder = file.path.split(separator: "/").dropLast().joined(separator: "/")
    return file.lines.enumerated().flatMap { index, line in
      links(in: line).filter { !leads($0, from: folder) }.map {
        file.finding(index + 1, "There is no \($0); mend the link.")
      }
    }
  },
  Rule(
    "targets that documents name are in the Makefile",
    plants: [
      Plant([makefile, SourceFile(path: "README.md", text: "Run `make check`.\n\n    make demo-all\n")], lines: []),
      Plant([makefile, SourceFile(path: "README.md", text: "You make sure.\nRun `make chekc`.\n")], lines: [2]),
      Plant([makefile, SourceFile(path: "docs/a.md", text: "```sh\n$ make deploy\n```\n")], lines: [2]),
      Plant([makefile, SourceFile(path: "a.md", text: "make sure\n```sh\nmake\nmake deploy # it\n```\n")], lines: [4]),
      Plant([SourceFile(path: "README.md", text: "Run `make chekc`.\n")], lines: []),
    ]
  ) { files in
    guard let makefile = files.first(where: { $0.path == "Makefile" }) else { return [] }
    let targets = Set(makefile.lines.flatMap(targets))
    return files.filter { $0.path.hasSuffix(".md") }.flatMap { file in
      wanted(in: file).filter { !targets.contains($0.target) }.map {
        file.finding($0.line, "The Makefile has no target \($0.target).")
      }
    }
  },
  Rule(
    "tests that documents list are there",
    plants: [
      Plant(
        [tests, SourceFile(path: "docs/a.md", text: "- \"a push\"\n- \"A test\" (slow)\n- a \"word\"\n")], lines: []),
      Plant([tests, SourceFile(path: "docs/a.md", text: "Shown by:\n- \"a pull\"\n")], lines: [2]),
    ]
  ) { files in
    let names = files.filter { $0.isSwift && $0.isIn("Tests", "Sources/WorkerKitTesting") }.map(\.text)
    return files.filter { $0.path.hasSuffix(".md") }.flatMap { file in
      file.lines.enumerated().compactMap { index, line in
        guard line.hasPrefix("- \""), let name = line.dropFirst(3).split(separator: "\"").first else { return nil }
        return names.contains { $0.contains("\"\(name)") } ? nil : file.finding(index + 1, "There is no test \(name).")
      }
    }
  },
]

private let tests = SourceFile(path: "Tests/A.swift", text: #"@Test("A test: of scenario 1") SeamCheck("a push")"#)
private let makefile = SourceFile(path: "Makefile", text: "check: build\n\tx\ndemo-all:\n\tx\nX := deploy\n")

/// What a line links to: `[a](target)` and `[a]: target`.
private func links(in line: Substring) -> [String] {
  var found = line.split(separator: "](", omittingEmptySubsequences: false).dropFirst().compactMap { rest in
    rest.split(separator: ")", maxSplits: 1, omittingEmptySubsequences: false).first
  }
  if line.hasPrefix("["), let place = line.range(of: "]: ") { found.append(line[place.upperBound...]) }
  return found.compactMap { $0.split(separator: " ").first.map(String.init) }
}

private func leads(_ link: String, from folder: String) -> Bool {
  let path = link.prefix { $0 != "#" && $0 != "?" }
  if path.isEmpty || link.contains("://") || link.hasPrefix("mailto:") { return true }
  return Repository.exists(folder.isEmpty ? String(path) : "\(folder)/\(path)")
}

/// `check` and `test` of `check test: build`.
private func targets(of line: Substring) -> [String] {
  guard let colon = line.firstIndex(of: ":"), !line.hasPrefix("\t"), !line[colon...].hasPrefix(":=") else { return [] }
  return line[..<colon].split(separator: " ").map(String.init)
}

/// The targets that a document's code asks for: after a backquote, or at the start of a line of a code block.
private func wanted(in file: SourceFile) -> [(line: Int, target: String)] {
  var isFenced = false
  return file.lines.enumerated().flatMap { index, line -> [(line: Int, target: String)] in
    if line.hasPrefix("```") { isFenced.toggle() }
    var commands = line.split(separator: "`make ", omittingEmptySubsequences: false).dropFirst().map { $0 }
    let bare = line.drop { $0 == " " || $0 == "$" }
    let isCode = isFenced || bare.startIndex > line.startIndex
    if isCode, bare.hasPrefix("make ") { commands.append(bare.dropFirst("make ".count)) }
    return commands.compactMap { command in
      let word = command.prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
      return word.isEmpty ? nil : (line: index + 1, target: String(word))
    }
  }
}
