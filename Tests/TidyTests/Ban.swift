import Foundation

/// A word that must not stand in some part of the repository.
struct Ban: Sendable {
  let word: String
  let advice: String

  /// The lines, counted from 1, on which the word stands as a word of its own; a member, `console.print(`, does not
  /// count.
  func lines(in lines: [Substring]) -> [Int] {
    lines.indices.filter { stands(in: lines[$0]) }.map { $0 + 1 }
  }

  private func stands(in line: Substring) -> Bool {
    var rest = line
    while let range = rest.range(of: word, options: .literal) {
      let before = line[..<range.lowerBound].last
      let after = line[range.upperBound...].first
      if before != ".", isFree(word.first, beside: before), isFree(word.last, beside: after) { return true }
      rest = line[range.upperBound...]
    }
    return false
  }

  /// `reprint(` is another word than `print(`.
  private func isFree(_ edge: Character?, beside neighbour: Character?) -> Bool {
    guard let edge, let neighbour, edge.isLetter else { return true }
    return !(neighbour.isLetter || neighbour.isNumber || neighbour == "_")
  }
}

extension Rule {
  /// A rule that bans words from the code of Swift files in `places`, but for `exceptions`.
  static func ban(
    _ words: [String], in places: [String], but exceptions: [String] = [], of part: Part = .code, _ advice: String
  ) -> Rule {
    let bans = words.map { Ban(word: $0, advice: advice) }
    let name = words.joined(separator: ", ") + " in " + places.joined(separator: ", ")
    return .each("no " + name, plants: plants(words, places, exceptions, part)) { file in
      guard file.isSwift, file.isIn(places), !file.isIn(exceptions) else { return [] }
      return bans.filter { file.text.range(of: $0.word, options: .literal) != nil }.flatMap { ban in
        ban.lines(in: part == .code ? file.code : file.lines).map { file.finding($0, "\(ban.word): \(advice)") }
      }
    }
  }

  /// Where a ban looks.
  enum Part: Sendable {
    case code, everything
  }

  private static func plants(
    _ words: [String], _ places: [String], _ exceptions: [String], _ part: Part
  ) -> [Plant] {
    words.flatMap { word in
      places.map { Plant("\($0)/A/A.swift", "let a = 1\n\(word)\n", lines: [2]) }
        + exceptions.map { Plant($0.hasSuffix(".swift") ? $0 : "\($0)/A.swift", "\(word)\n", lines: []) }
        + [Plant("\(places[0])/A.swift", "// \(word)\n", lines: part == .code ? [] : [1])]
        + (word.first?.isLetter == true ? [Plant("\(places[0])/A.swift", "another\(word)\n", lines: [])] : [])
    }
  }
}
