/// Reads scalars that must be texts.
enum YAMLText {
  /// The text; a problem where the value is something else.
  static func read(_ value: YAMLValue, path: String, into problems: inout ProblemList) -> Placed<String>? {
    if case .scalar(let text, let isPlain) = value.content {
      guard isPlain, CoreSchema.value(of: text) != .string(text) else { return Placed(text, at: value.place) }
    }
    problems.note(.wrongType, at: value.place, "\(path) must be a text, not \(value.kind)")
    return nil
  }
}
