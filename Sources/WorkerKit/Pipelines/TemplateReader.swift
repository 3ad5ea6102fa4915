/// Reads templates from YAML, and remembers where each reference stands.
struct TemplateReader {
  private(set) var references: [Placed<Reference>] = []

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

  /// Takes a text apart: `${…}` is a reference, `$${` stands for the text `${`.
  private mutating func pieces(
    of text: String, at place: Place, path: String, into problems: inout ProblemList
  ) -> [Template.Piece]? {
    var (pieces, literal, rest) = ([Template.Piece](), "", text[...])
    while let start = rest.firstRange(of: "${") {
      let before = rest[..<start.lowerBound]
      if before.last == "$" {
        literal += before.dropLast() + "${"
        rest = rest[start.upperBound...]
        continue
      }
      literal += before
      guard let end = rest[start.upperBound...].firstIndex(of: "}"),
        let reference = Reference(rest[start.upperBound..<end])
      else {
        problems.note(
          .invalidReference, at: place, "\(path) holds '${' that begins no reference",
          hint: "write ${event.payload.key} or ${stage.field}, or $${ for the text itself")
        return nil
      }
      if !literal.isEmpty { pieces.append(.literal(literal)) }
      literal = ""
      pieces.append(.reference(reference))
      references.append(Placed(reference, at: place))
      rest = rest[rest.index(after: end)...]
    }
    literal += rest
    if !literal.isEmpty { pieces.append(.literal(literal)) }
    return pieces
  }
}
