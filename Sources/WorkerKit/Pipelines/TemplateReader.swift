/// Reads templates from YAML, and remembers where each reference stands.
struct TemplateReader {
  private(set) var references: [ReferenceDraft] = []

  /// Reads a value. What is wrong with it goes to `problems`; nil where something is.
  mutating func read(_ value: YAMLValue, path: String, into problems: inout ProblemList) -> Template? {
    switch value.content {
    case .scalar(let text, let isPlain):
      return scalar(text, isPlain: isPlain, at: value.place, path: path, into: &problems)
    case .list(let items):
      var templates: [Template?] = []
      for (index, item) in items.enumerated() {
        templates.append(read(item, path: "\(path)[\(index)]", into: &problems))
      }
      let whole = templates.compactMap { $0 }
      guard whole.count == templates.count else { return nil }
      let literals = whole.compactMap(\.literal)
      return literals.count == whole.count ? .literal(.array(literals)) : .list(whole)
    case .map(let members):
      var templates: [String: Template] = [:]
      for member in members {
        if member.key.contains("${") {
          problems.note(.invalidReference, at: member.place, "\(path) has a reference in a key; only values have any")
        }
        templates[member.key] = read(member.value, path: "\(path).\(member.key)", into: &problems)
      }
      guard templates.count == members.count else { return nil }
      let literals = templates.compactMapValues(\.literal)
      return literals.count == templates.count ? .literal(.object(literals)) : .object(templates)
    }
  }

  private mutating func scalar(
    _ text: String, isPlain: Bool, at place: Place, path: String, into problems: inout ProblemList
  ) -> Template? {
    if !text.contains("${") {
      guard let value = isPlain ? CoreSchema.value(of: text) : .string(text) else {
        problems.note(.invalidValue, at: place, "\(path) is a number that JSON does not have")
        return nil
      }
      return .literal(value)
    }
    guard let pieces = pieces(of: text, at: place, path: path, into: &problems) else { return nil }
    switch (pieces.count, pieces.first) {
    case (1, .reference(let reference)?): return .reference(reference)
    case (1, .literal(let text)?): return .literal(.string(text))
    default: return .text(pieces)
    }
  }

  /// Reads a text that may have references in it; a problem where the value is something else, or empty.
  mutating func text(_ value: YAMLValue, path: String, into problems: inout ProblemList) -> Template? {
    guard let text = YAMLText.read(value, path: path, into: &problems) else { return nil }
    guard !text.value.isEmpty else {
      problems.note(.invalidValue, at: text.place, "\(path) is an empty text", hint: Self.example)
      return nil
    }
    return read(value, path: path, into: &problems)
  }

  /// Reads a text that is one reference and nothing else.
  mutating func reference(_ value: YAMLValue, path: String, into problems: inout ProblemList) -> Reference? {
    guard let template = text(value, path: path, into: &problems) else { return nil }
    if case .reference(let reference) = template { return reference }
    problems.note(.invalidReference, at: value.place, "\(path) must be one reference", hint: Self.example)
    return nil
  }

  private static let example = "write \"${event.payload.key}\""

  /// Takes a text apart: `${…}` is a reference, `$${` stands for the text `${`.
  private mutating func pieces(
    of text: String, at place: Place, path: String, into problems: inout ProblemList
  ) -> [Template.Piece]? {
    var (pieces, found, literal, rest) = ([Template.Piece](), [Reference](), "", text[...])
    while let start = rest.firstRange(of: "${") {
      let before = rest[..<start.lowerBound]
      if before.last == "$" {
        literal += before.dropLast() + "${"
        rest = rest[start.upperBound...]
        continue
      }
      literal += before
      let open = rest[start.upperBound...]
      guard let end = Reference.end(in: open), let reference = Reference(open[..<end]) else {
        noteBroken(open, at: place, path: path, into: &problems)
        return nil
      }
      if !literal.isEmpty { pieces.append(.literal(literal)) }
      literal = ""
      pieces.append(.reference(reference))
      found.append(reference)
      rest = rest[rest.index(after: end)...]
    }
    literal += rest
    if !literal.isEmpty { pieces.append(.literal(literal)) }
    let isPart = pieces.count > 1
    for reference in found { keep(reference, isPart: isPart, at: place, path: path, into: &problems) }
    return pieces
  }

  private mutating func keep(
    _ reference: Reference, isPart: Bool, at place: Place, path: String, into problems: inout ProblemList
  ) {
    references.append(ReferenceDraft(reference: reference, place: place, isPart: isPart))
    guard isPart, let fallback = reference.fallback, fallback.inText == nil else { return }
    problems.note(
      .invalidReference, at: place, "\(path) has \(reference) within a text, where its fallback must be a text",
      hint: "write a word, a number, true or false after ':-', or nothing")
  }

  private func noteBroken(_ text: Substring, at place: Place, path: String, into problems: inout ProblemList) {
    let path = "\(path) holds '${' that begins no reference"
    guard text.prefix(while: { $0 != "}" }).contains(Reference.fallbackMark) else {
      return problems.note(
        .invalidReference, at: place, path,
        hint: "write ${event.payload.key} or ${stage.field}, or $${ for the text itself")
    }
    problems.note(
      .invalidReference, at: place, path,
      hint: "a fallback is JSON, or a text without } and ${, as in ${scan.signature:-none}")
  }
}
