import Yams

/// Reads the text of one YAML document into values with places.
///
/// Yams refuses repeated keys with the first one's place alone, and compares keys by hashing them, which an alias bomb
/// used as a key makes endless. So the reader hides both from it. Every `*` becomes a private character before parsing
/// and comes back afterwards: Yams then sees no aliases, and the reader writes them out itself within a budget. A key
/// that Yams calls repeated gets a private character of its own, and the text is parsed again.
struct YAMLReader {
  /// The parsed document. The parser is kept because it owns the anchors, which nodes refer to weakly.
  private struct Parsed {
    let parser: Parser
    let root: Node?
    let marked: [Place]
  }

  /// Reads a text. What is wrong with it goes to `problems`; nil where there is nothing to go on with.
  static func read(_ text: String, into problems: inout ProblemList) -> YAMLValue? {
    guard text.utf8.count <= PipelineLimits.fileBytes else {
      problems.note(.tooLarge, at: .start, "the file has more than \(PipelineLimits.fileBytes) bytes")
      return nil
    }
    if let place = PrivateCharacter.first(in: text) {
      problems.note(.unsupported, at: place, "the file holds a private-use character (U+E000 to U+E1FF)")
      return nil
    }
    guard let parsed = parse(text, into: &problems) else { return nil }
    guard let root = parsed.root else {
      problems.note(.missingKey, at: .start, "the file is empty")
      return nil
    }
    return withExtendedLifetime(parsed.parser) {
      var expansion = YAMLExpansion(marked: parsed.marked)
      return expansion.document(root, into: &problems)
    }
  }

  private static func parse(_ text: String, into problems: inout ProblemList) -> Parsed? {
    var text = PrivateCharacter.hideAliases(in: text)
    var marked: [Place] = []
    while true {
      do {
        let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
        return Parsed(parser: parser, root: try parser.singleRoot(), marked: marked)
      } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
        let place = Place(line: context.mark.line, column: context.mark.column)
        // Every repeated key costs one more parse of the whole text, so a large file is not told of all of them.
        let work = (marked.count + 1) * text.utf8.count
        guard work <= 8 * PipelineLimits.fileBytes, let mark = PrivateCharacter.keyMark(marked.count),
          place.insert(mark, into: &text)
        else {
          let key = PrivateCharacter.restore(keys.first ?? "")
          problems.note(.repeatedKey, at: place.without(marked), "key '\(key)' is repeated")
          return nil
        }
        marked.append(place)
      } catch {
        note(error, in: text, marked: marked, into: &problems)
        return nil
      }
    }
  }

  private static func note(_ error: any Error, in text: String, marked: [Place], into problems: inout ProblemList) {
    switch error {
    case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _):
      let place = Place(line: mark.line, column: mark.column).without(marked)
      problems.note(.syntax, at: place, "this is not YAML: \(problem)", hint: hint(line: mark.line, of: text))
    case YamlError.composer(_, let problem, let mark, _):
      let place = Place(line: mark.line, column: mark.column).without(marked)
      problems.note(.syntax, at: place, "a pipeline file is one YAML document: \(problem)")
    case YamlError.reader(let problem, let offset, _, let text):
      let before = text.prefix(offset ?? 0)
      let place = Place(
        line: before.count { $0.isNewline } + 1,
        column: (before.split(omittingEmptySubsequences: false) { $0.isNewline }.last?.unicodeScalars.count ?? 0) + 1)
      problems.note(.syntax, at: place.without(marked), "this is not YAML: \(problem)")
    default:
      problems.note(.syntax, at: .start, "this is not YAML that can be read")
    }
  }
}

extension YAMLReader {
  /// What is likely wrong in a line that holds `${`: its brace ends an unquoted text within `{ }` and `[ ]`.
  private static func hint(line: Int, of text: String) -> String? {
    let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    guard lines.indices.contains(line - 1), lines[line - 1].contains("${") else { return nil }
    return "within { } and [ ] a reference needs quotes: \"${…}\""
  }
}

extension Place {
  /// The place in the text as it was before the marks were put in.
  fileprivate func without(_ marked: [Place]) -> Place { PrivateCharacter.original(self, marked: marked) }

  /// Puts a mark before the character here, or after a quote here; false where the place is not in the text.
  fileprivate func insert(_ mark: Unicode.Scalar, into text: inout String) -> Bool {
    var scalars = text.unicodeScalars
    var index = scalars.startIndex
    for _ in 1..<line {
      guard let end = scalars[index...].firstIndex(where: { $0 == "\n" }) else { return false }
      index = scalars.index(after: end)
    }
    guard var at = scalars.index(index, offsetBy: column - 1, limitedBy: scalars.endIndex), at < scalars.endIndex
    else { return false }
    if scalars[at] == "\"" || scalars[at] == "'" { at = scalars.index(after: at) }
    scalars.insert(mark, at: at)
    text = String(scalars)
    return true
  }
}
