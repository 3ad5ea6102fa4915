/// Reads `each`: the list, the name of an element, and how many at once.
enum FanoutReader {
  static let keys = ["in", "as", "parallel"]

  /// Reads a fan-out. What is wrong with it goes to `problems`; nil where it is no mapping.
  static func read(_ member: YAMLMember, path: String, into problems: inout ProblemList) -> FanoutDraft? {
    let map = MappingReader(member.value, path: path, keys: keys, later: PipelineReader.later, into: &problems)
    guard let map else { return nil }
    var reader = TemplateReader()
    let value = map.required("in", at: member.place, into: &problems)?.value
    if let value { _ = reader.reference(value, path: map.path("in"), into: &problems) }
    if let list = reader.references.first, let fallback = list.reference.fallback {
      check(fallback, path: map.path("in"), at: list.place, into: &problems)
    }
    let name = map.text("as", into: &problems) ?? Placed("item", at: member.place)
    NameForm.check(name.value, of: "list element", at: name.place, into: &problems)
    if let meaning = PipelineReader.reserved[name.value] {
      problems.note(
        .invalidName, at: name.place, "an element cannot be called '\(name.value)', which stands for \(meaning)")
    }
    return FanoutDraft(
      place: member.place, name: name, list: reader.references.first,
      parallel: map.count("parallel", within: 1...Fanout.elements, into: &problems))
  }

  private static func check(_ fallback: JSON, path: String, at place: Place, into problems: inout ProblemList) {
    if case .array = fallback { return }
    problems.note(
      .invalidReference, at: place, "\(path) must be a list, and so must its fallback",
      hint: "write [] after ':-' for no jobs")
  }
}
