/// One concept a file, and the file named for it.
let nameRules: [Rule] = [
  .each(
    "a file declares what it is named for",
    plants: [
      Plant("Sources/A/LeaseKeeper.swift", "final class LeaseKeeper {}\n", lines: []),
      Plant("Sources/A/EventReading.swift", "extension EventEnvelope {\n}\n", lines: []),
      Plant("Sources/A/HTTPFailure.swift", "struct Other {}\n", lines: [1]),
      Plant("Sources/A/HTTPFailure+Curl.swift", "struct Other {}\n", lines: []),
      Plant("Sources/A/EpochChecks.swift", "extension SeamCheck {\n}\n", lines: []),
      Plant("Sources/A/Joining.swift", "let joining = 1\nfunc other() {}\n", lines: [1]),
    ]
  ) { file in
    guard file.isSwift, file.isIn("Sources"), !file.baseName.contains("+"), file.baseName != "main" else { return [] }
    let kinds: Set<String> = ["struct", "class", "enum", "actor", "protocol", "extension", "func", "typealias"]
    let names = Declaration.of(file).filter { kinds.contains($0.keyword) }.map { $0.name.lowercased() }
    let words = words(of: file.baseName)
    guard !words.contains(where: { word in names.contains { $0.contains(word) } }) else { return [] }
    return [file.finding(1, "Nothing here is named for \(file.baseName); rename the file or move what is in it.")]
  }
]

/// The first and the last word of a name, without what makes a word plural or tells of doing: `http` and `failure` of
/// `HTTPFailures`, `read` of `Reading`.
private func words(of name: String) -> [String] {
  let letters = Array(name)
  let starts = letters.indices.filter { index in
    let followsLower = index == 0 || !letters[index - 1].isUppercase
    let leadsLower = index + 1 < letters.count && letters[index + 1].isLowercase
    return letters[index].isUppercase && (followsLower || leadsLower)
  }
  let ends = starts.dropFirst() + [letters.count]
  let words = zip(starts, ends).map { stem(String(letters[$0..<$1]).lowercased()) }
  return [words.first, words.last].compactMap { $0 }
}

private func stem(_ word: String) -> String {
  if word.hasSuffix("ing"), word.count > 6 { return String(word.dropLast(3)) }
  return word.hasSuffix("s") && word.count > 4 ? String(word.dropLast()) : word
}
