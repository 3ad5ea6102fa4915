/// Reads patterns from YAML.
enum PatternReader {
  /// Reads a pattern for an object: a mapping.
  static func root(_ value: YAMLValue, path: String, into problems: inout ProblemList) -> Pattern? {
    guard case .map = value.content else {
      problems.note(.invalidPattern, at: value.place, "\(path) must be a mapping, not \(value.kind)")
      return nil
    }
    return read(value, path: path, into: &problems)
  }

  /// The keys of a pattern for an object.
  static func fields(_ value: YAMLValue?) -> [Placed<String>] {
    guard case .map(let members)? = value?.content else { return [] }
    return members.map { Placed($0.key, at: $0.place) }
  }

  /// Reads a pattern. What is wrong with it goes to `problems`; nil where something is.
  static func read(_ value: YAMLValue, path: String, into problems: inout ProblemList) -> Pattern? {
    switch value.content {
    case .map(let members):
      var read: [Pattern.Member] = []
      for member in members {
        if operators.contains(member.key), case .scalar = member.value.content {
          problems.note(
            .invalidPattern, at: member.place,
            "\(path) uses the operator '\(member.key)'; this version matches exact values only",
            hint: "write values, like [image/png]")
        } else if let pattern = self.read(member.value, path: "\(path).\(member.key)", into: &problems) {
          read.append(Pattern.Member(member.key, pattern))
        }
      }
      return read.count == members.count ? .object(read) : nil
    case .list(let items):
      return leaf(items, path: path, at: value.place, into: &problems)
    case .scalar(let text, _):
      problems.note(
        .invalidPattern, at: value.place, "\(path) must be a list; this version matches exact values only",
        hint: "write [\(text)]")
      return nil
    }
  }

  /// EventBridge's words. With a list beside it, such a word is a key like any other.
  private static let operators: Set<String> = [
    "prefix", "suffix", "wildcard", "equals-ignore-case", "anything-but", "numeric", "cidr", "exists",
  ]

  private static func leaf(
    _ items: [YAMLValue], path: String, at place: Place, into problems: inout ProblemList
  ) -> Pattern? {
    guard !items.isEmpty else {
      problems.note(.invalidPattern, at: place, "\(path) is an empty list, which nothing matches")
      return nil
    }
    var scalars: [JSON] = []
    for item in items {
      guard case .scalar(let text, let isPlain) = item.content else {
        problems.note(
          .invalidPattern, at: item.place, "\(path) holds \(item.kind); this version matches exact values only",
          hint: "write values, like [image/png]")
        continue
      }
      guard let scalar = isPlain ? CoreSchema.value(of: text) : .string(text) else {
        problems.note(.invalidPattern, at: item.place, "\(path) holds a number that JSON does not have")
        continue
      }
      if text.contains("${") {
        problems.note(.invalidPattern, at: item.place, "\(path) holds a reference; a pattern holds values only")
      }
      scalars.append(scalar)
    }
    return scalars.count == items.count ? .anyOf(scalars) : nil
  }
}
