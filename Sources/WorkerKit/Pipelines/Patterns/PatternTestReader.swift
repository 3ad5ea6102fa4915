/// Reads the tests of a pattern's leaf from YAML.
enum PatternTestReader {
  /// EventBridge's words for tests.
  static let operators = [
    "prefix", "suffix", "wildcard", "equals-ignore-case", "anything-but", "numeric", "cidr", "exists",
  ]

  /// Reads a list of values and operators. What is wrong with it goes to `problems`; nil where something is.
  static func tests(
    _ items: [YAMLValue], path: String, at place: Place, into problems: inout ProblemList
  ) -> [PatternTest]? {
    guard !items.isEmpty else {
      problems.note(.invalidPattern, at: place, "\(path) is an empty list, which nothing matches")
      return nil
    }
    let tests = items.compactMap { test($0, path: path, into: &problems) }
    return tests.count == items.count ? tests : nil
  }

  private static func test(_ item: YAMLValue, path: String, into problems: inout ProblemList) -> PatternTest? {
    switch item.content {
    case .scalar: return scalar(item, path: path, into: &problems).map(PatternTest.equals)
    case .list:
      problems.note(
        .invalidPattern, at: item.place, "\(path) holds a list in a list", hint: "write its values side by side")
      return nil
    case .map:
      guard let member = single(item, path: path, into: &problems) else { return nil }
      return test(member, path: "\(path).\(member.key)", into: &problems)
    }
  }

  private static func test(_ member: YAMLMember, path: String, into problems: inout ProblemList) -> PatternTest? {
    let value = member.value
    switch member.key {
    case "prefix", "suffix", "equals-ignore-case", "wildcard": return text(member, path: path, into: &problems)
    case "numeric": return numeric(value, path: path, into: &problems).map(PatternTest.numeric)
    case "anything-but": return exclusions(value, path: path, into: &problems).map(PatternTest.anythingBut)
    case "cidr":
      guard let text = YAMLText.read(value, path: path, into: &problems) else { return nil }
      if let block = AddressBlock(text.value) { return .cidr(block) }
      problems.note(
        .invalidPattern, at: text.place, "\(path) is no block of IP addresses",
        hint: "write 10.0.0.0/8 or 2001:db8::/32"
      )
      return nil
    case "exists":
      if case .scalar(let text, isPlain: true) = value.content, case .bool(let isThere)? = CoreSchema.value(of: text) {
        return .exists(isThere)
      }
      problems.note(
        .invalidPattern, at: value.place, "\(path) must be true or false, not \(value.kind)",
        hint: "exists looks at single values only, not at objects")
      return nil
    default:
      problems.note(
        .invalidPattern, at: member.place,
        "there is no operator '\(member.key)' for \(path.dropLast(member.key.count + 1))",
        unknown: member.key, known: operators)
      return nil
    }
  }

  /// The one member of an operator's mapping.
  private static func single(_ value: YAMLValue, path: String, into problems: inout ProblemList) -> YAMLMember? {
    guard case .map(let members) = value.content else { return nil }
    if members.count == 1 { return members.first }
    problems.note(
      .invalidPattern, at: value.place, "\(path) has a mapping of \(members.count) keys where one operator belongs",
      hint: members.isEmpty ? nil : "give each a mapping of its own: [{ … }, { … }]")
    return nil
  }

  /// Reads an operator that compares texts.
  static func text(_ member: YAMLMember, path: String, into problems: inout ProblemList) -> PatternTest? {
    let isEnd = member.key == "prefix" || member.key == "suffix"
    if isEnd, case .map = member.value.content {
      guard let nested = single(member.value, path: path, into: &problems) else { return nil }
      guard nested.key == "equals-ignore-case" else {
        problems.note(
          .invalidPattern, at: nested.place, "\(path) cannot hold '\(nested.key)'", unknown: nested.key,
          known: ["equals-ignore-case"])
        return nil
      }
      guard let text = YAMLText.read(nested.value, path: "\(path).\(nested.key)", into: &problems) else { return nil }
      return member.key == "prefix" ? .prefixIgnoringCase(text.value) : .suffixIgnoringCase(text.value)
    }
    guard let text = YAMLText.read(member.value, path: path, into: &problems) else { return nil }
    switch member.key {
    case "prefix": return .prefix(text.value)
    case "suffix": return .suffix(text.value)
    case "equals-ignore-case": return .equalsIgnoringCase(text.value)
    default: return wildcard(text, path: path, into: &problems)
    }
  }

  private static func wildcard(
    _ text: Placed<String>, path: String, into problems: inout ProblemList
  ) -> PatternTest? {
    do throws(Wildcard.Fault) { return .wildcard(try Wildcard(text.value)) } catch {
      switch error {
      case .repeatedStar:
        problems.note(.invalidPattern, at: text.place, "\(path) has two '*' side by side", hint: "one says the same")
      case .unknownEscape:
        problems.note(
          .invalidPattern, at: text.place, "\(path) has a backslash before neither '*' nor a backslash",
          hint: #"write \\ for a backslash"#)
      case .tooLong:
        problems.note(.invalidPattern, at: text.place, "\(path) has more than \(Wildcard.mostBytes) bytes")
      }
      return nil
    }
  }

  /// Reads a scalar of JSON.
  static func scalar(_ value: YAMLValue, path: String, into problems: inout ProblemList) -> JSON? {
    guard case .scalar(let text, let isPlain) = value.content else { return nil }
    guard let scalar = isPlain ? CoreSchema.value(of: text) : .string(text) else {
      problems.note(.invalidPattern, at: value.place, "\(path) holds a number that JSON does not have")
      return nil
    }
    if text.contains("${") {
      problems.note(.invalidPattern, at: value.place, "\(path) holds a reference; a pattern holds values only")
    }
    return scalar
  }
}
