extension PatternTestReader {
  /// Reads `[>, 0, <=, 5]`.
  static func numeric(_ value: YAMLValue, path: String, into problems: inout ProblemList) -> NumericRange? {
    let hint = "write [\">\", 0, \"<=\", 5], with = alone or < <= > >="
    guard case .list(let items) = value.content, items.count == 2 || items.count == 4 else {
      problems.note(
        .invalidPattern, at: value.place, "\(path) must be a list of one or two operators, each with a number",
        hint: hint)
      return nil
    }
    var comparisons: [(operator: String, number: JSON)] = []
    for index in stride(from: 0, to: items.count, by: 2) {
      guard case .scalar(let sign, _) = items[index].content, NumericRange.operators.contains(sign) else {
        problems.note(.invalidPattern, at: items[index].place, "\(path) needs an operator here", hint: hint)
        return nil
      }
      guard case .scalar(let text, isPlain: true) = items[index + 1].content, let number = CoreSchema.value(of: text),
        ExactNumber(number) != nil
      else {
        problems.note(.invalidPattern, at: items[index + 1].place, "\(path) needs a number here", hint: hint)
        return nil
      }
      comparisons.append((sign, number))
    }
    if let range = NumericRange(comparisons) { return range }
    let sides = Set(comparisons.map { $0.operator.prefix(1) })
    let isEmpty = sides == ["<", ">"]
    problems.note(
      .invalidPattern, at: value.place,
      isEmpty ? "\(path) is a range that no number is in" : "\(path) bounds the same side twice", hint: hint)
    return nil
  }

  /// Reads what `anything-but` excludes: a value, an operator on texts, or a list of these.
  static func exclusions(_ value: YAMLValue, path: String, into problems: inout ProblemList) -> [PatternTest]? {
    guard case .list(let items) = value.content else { return exclusion(value, path: path, into: &problems) }
    guard !items.isEmpty else {
      problems.note(.invalidPattern, at: value.place, "\(path) is an empty list, which excludes nothing")
      return nil
    }
    let tests = items.compactMap { exclusion($0, path: path, into: &problems) }
    return tests.count == items.count ? tests.flatMap(\.self) : nil
  }

  private static func exclusion(
    _ value: YAMLValue, path: String, into problems: inout ProblemList
  ) -> [PatternTest]? {
    if case .scalar = value.content { return scalar(value, path: path, into: &problems).map { [.equals($0)] } }
    let known = ["prefix", "suffix", "equals-ignore-case", "wildcard"]
    guard case .map(let members) = value.content, members.count == 1, let member = members.first else {
      problems.note(
        .invalidPattern, at: value.place, "\(path) must hold values, or mappings of one operator each",
        hint: "operators here are \(known.joined(separator: ", "))")
      return nil
    }
    let path = "\(path).\(member.key)"
    guard known.contains(member.key) else {
      problems.note(
        .invalidPattern, at: member.place, "anything-but cannot hold '\(member.key)'", unknown: member.key,
        known: known)
      return nil
    }
    guard case .list(let items) = member.value.content else {
      return text(member, path: path, into: &problems).map { [$0] }
    }
    guard !items.isEmpty else {
      problems.note(.invalidPattern, at: member.value.place, "\(path) is an empty list, which excludes nothing")
      return nil
    }
    let tests = items.compactMap { item in
      text(YAMLMember(key: member.key, place: member.place, value: item), path: path, into: &problems)
    }
    return tests.count == items.count ? tests : nil
  }
}
