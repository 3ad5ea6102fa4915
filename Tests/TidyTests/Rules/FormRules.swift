/// How text files are written.
let formRules: [Rule] = [
  .each(
    "files end with one newline",
    plants: [
      Plant("README.md", "a\n", lines: []),
      Plant("README.md", "a", lines: [1]),
      Plant("Sources/A/A.swift", "a\n\n", lines: [2]),
      Plant("Sources/A/A.swift", "", lines: [1]),
    ]
  ) { file in
    guard !file.text.hasSuffix("\n") || file.text.hasSuffix("\n\n") else { return [] }
    return [file.finding(max(1, file.lines.count), "End the file with one newline, and something before it.")]
  },
  .each(
    "lines do not end with spaces",
    plants: [
      Plant("Sources/A/A.swift", "a\nb \n", lines: [2]),
      Plant("README.md", "a\t\nb\n", lines: [1]),
    ]
  ) { file in
    file.lines.indices.filter { file.lines[$0].last?.isWhitespace == true }.map {
      file.finding($0 + 1, "Remove the spaces at the end of the line.")
    }
  },
  .each(
    "Swift and YAML are indented with spaces",
    plants: [
      Plant("Sources/A/A.swift", "a\n\tb\n", lines: [2]),
      Plant("Makefile", "a:\n\tb\n", lines: []),
    ]
  ) { file in
    guard [".swift", ".yaml", ".yml", ".c", ".h"].contains(where: { file.path.hasSuffix($0) }) else { return [] }
    return file.lines.indices.filter { file.lines[$0].contains("\t") }.map {
      file.finding($0 + 1, "Replace the tab with spaces.")
    }
  },
]
