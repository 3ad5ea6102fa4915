/// How large files and functions may be.
let sizeRules: [Rule] = [
  .each(
    "files have at most 400 lines",
    plants: [
      Plant("Sources/A/A.swift", String(repeating: "x\n", count: 400), lines: []),
      Plant("Sources/A/A.swift", String(repeating: "x\n", count: 401), lines: [401]),
    ]
  ) { file in
    guard file.isSwift, file.lines.count > 400 else { return [] }
    return [file.finding(file.lines.count, "The file is longer than 400 lines; split it by concept.")]
  },
  Rule(
    "the median file of Sources has at most 120 lines",
    plants: [
      Plant("Sources/A/A.swift", String(repeating: "x\n", count: 120), lines: []),
      Plant("Sources/A/A.swift", String(repeating: "x\n", count: 121), lines: [121]),
    ]
  ) { files in
    let ordered = files.filter { $0.isSwift && $0.isIn("Sources") }.sorted { $0.lines.count < $1.lines.count }
    guard let middle = ordered.dropFirst(ordered.count / 2).first, middle.lines.count > 120 else { return [] }
    return [middle.finding(middle.lines.count, "The median file is longer than 120 lines; split the long ones.")]
  },
  .each(
    "functions have at most 70 lines",
    plants: [
      Plant("Sources/A/A.swift", function(bodyLines: 68), lines: []),
      Plant("Sources/A/A.swift", function(bodyLines: 69), lines: [2]),
      Plant("Sources/A/A.swift", "protocol A {\n  func a()\n}\nstruct B {\n\(lines(80))}\n", lines: []),
      Plant("Sources/A/A.swift", "init(\n  a: Int = { 1 }()\n) {\n\(lines(70))}\n", lines: [1]),
      Plant("Sources/A/A.swift", "var a: Int {\n\(lines(70))}\n", lines: [1]),
    ]
  ) { file in
    guard file.isSwift else { return [] }
    return FunctionLengths.of(file).filter { $0.count > 70 }.map {
      file.finding($0.start, "The function has \($0.count) lines, over 70; take steps out of it and name them.")
    }
  },
  .each(
    "lines have at most 120 columns",
    plants: [
      Plant("Sources/A/A.swift", String(repeating: "é", count: 120) + "\n", lines: []),
      Plant("Sources/A/A.swift", "x\n" + String(repeating: "x", count: 121) + "\n", lines: [2]),
    ]
  ) { file in
    guard file.isSwift else { return [] }
    return file.lines.indices.filter { file.lines[$0].count > 120 }.map {
      file.finding($0 + 1, "The line is longer than 120 columns; break it.")
    }
  },
]

private func lines(_ count: Int) -> String { String(repeating: "  let x = 1\n", count: count) }

private func function(bodyLines count: Int) -> String {
  "struct A {\n  func a() {\n\(lines(count))  }\n}\n"
}
