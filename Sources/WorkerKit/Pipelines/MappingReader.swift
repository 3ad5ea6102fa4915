/// Reads a mapping whose keys are known, and tells of those that are not.
struct MappingReader {
  /// Where the mapping stands in the file, in words: `stages.scan`; empty for the whole file.
  let path: String
  let place: Place
  private let members: [String: YAMLMember]

  /// Nil where the value is no mapping. `later` are keys of the design that this version does not know yet.
  init?(
    _ value: YAMLValue, path: String, keys: [String], later: Set<String> = [], into problems: inout ProblemList
  ) {
    guard case .map(let members) = value.content else {
      let subject = path.isEmpty ? "a pipeline file" : path
      problems.note(.wrongType, at: value.place, "\(subject) must be a mapping, not \(value.kind)")
      return nil
    }
    let place = path.isEmpty ? "" : " in \(path)"
    for member in members where !keys.contains(member.key) {
      if later.contains(member.key) {
        problems.note(.unknownKey, at: member.place, "this version does not know the key '\(member.key)'\(place)")
      } else {
        problems.note(
          .unknownKey, at: member.place, "unknown key '\(member.key)'\(place)", unknown: member.key, known: keys)
      }
    }
    self.path = path
    self.place = value.place
    self.members = Dictionary(members.map { ($0.key, $0) }) { first, _ in first }
  }

  /// The member, or nil where the key is absent.
  subscript(key: String) -> YAMLMember? { members[key] }

  /// The path of a member, in words.
  func path(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// The member; a problem where the key is absent.
  func required(_ key: String, at place: Place? = nil, into problems: inout ProblemList) -> YAMLMember? {
    if let member = members[key] { return member }
    let subject = path.isEmpty ? "the file" : path
    problems.note(.missingKey, at: place ?? self.place, "\(subject) needs the key '\(key)'")
    return nil
  }

  /// The text of a member that is present and a text.
  func text(_ key: String, into problems: inout ProblemList) -> Placed<String>? {
    members[key].flatMap { YAMLText.read($0.value, path: path(key), into: &problems) }
  }

  /// The texts of a member that is a list of texts; none where it is absent.
  func texts(_ key: String, into problems: inout ProblemList) -> [Placed<String>] {
    guard let value = members[key]?.value else { return [] }
    guard case .list(let items) = value.content else {
      var hint: String?
      if case .scalar(let text, _) = value.content, !value.isNull { hint = "write [\(text)]" }
      problems.note(.wrongType, at: value.place, "\(path(key)) must be a list, not \(value.kind)", hint: hint)
      return []
    }
    var texts: [Placed<String>] = []
    for (index, item) in items.enumerated() {
      if let text = YAMLText.read(item, path: "\(path(key))[\(index)]", into: &problems) { texts.append(text) }
    }
    return texts
  }

  /// The length of time of a member, more than nothing and at most a year; nil where it is absent or wrong.
  func duration(_ key: String, into problems: inout ProblemList) -> Duration? {
    length(key, within: .milliseconds(1)...PipelineLimits.longest, bounds: "of at most 365d", into: &problems)
  }

  /// The length of time of a member, within bounds; nil where it is absent or wrong.
  func duration(_ key: String, within bounds: ClosedRange<Duration>, into problems: inout ProblemList) -> Duration? {
    let words = "from \(DurationText.write(bounds.lowerBound)) to \(DurationText.write(bounds.upperBound))"
    return length(key, within: bounds, bounds: words, into: &problems)
  }

  private func length(
    _ key: String, within bounds: ClosedRange<Duration>, bounds words: String, into problems: inout ProblemList
  ) -> Duration? {
    guard let value = members[key]?.value else { return nil }
    guard case .scalar(let text, _) = value.content, let length = DurationText.read(text), bounds.contains(length)
    else {
      problems.note(
        .invalidDuration, at: value.place, "\(path(key)) must be a length of time \(words)",
        hint: "write a number and ms, s, m, h or d, like 30s")
      return nil
    }
    return length
  }

  /// The type of events that the member `event` names; nil where it is absent or no type.
  func eventType(into problems: inout ProblemList) -> Placed<String>? {
    guard let type = text("event", into: &problems) else { return nil }
    if EnvelopeFields.WordForm.type.admits(type.value) { return type }
    problems.note(
      .invalidName, at: type.place,
      "\(path("event")) must be a type like MediaUploaded: letters, digits, '.', '-' and '_', a letter first")
    return nil
  }

  /// The word of a member, which must be one of those that `Choice` has; nil where it is absent or another.
  func choice<Choice>(_ key: String, into problems: inout ProblemList) -> Choice?
  where Choice: RawRepresentable<String> & CaseIterable {
    text(key, into: &problems).flatMap { Self.choice($0, path: path(key), into: &problems) }
  }

  /// The word as a choice; a problem where it is none.
  static func choice<Choice>(_ word: Placed<String>, path: String, into problems: inout ProblemList) -> Choice?
  where Choice: RawRepresentable<String> & CaseIterable {
    if let choice = Choice(rawValue: word.value) { return choice }
    let words = Choice.allCases.map(\.rawValue)
    problems.note(
      .invalidValue, at: word.place, "\(path) cannot be '\(word.value)', only \(words.joined(separator: ", "))",
      unknown: word.value, known: words)
    return nil
  }

  /// Whether a member is true; nil where it is absent or neither true nor false.
  func flag(_ key: String, into problems: inout ProblemList) -> Bool? {
    guard let value = members[key]?.value else { return nil }
    if case .scalar(let text, isPlain: true) = value.content, case .bool(let flag)? = CoreSchema.value(of: text) {
      return flag
    }
    problems.note(.wrongType, at: value.place, "\(path(key)) must be true or false, not \(value.kind)")
    return nil
  }

  /// The whole number of a member, within bounds; nil where it is absent or wrong.
  func count(_ key: String, within bounds: ClosedRange<Int>, into problems: inout ProblemList) -> Int? {
    guard let value = members[key]?.value else { return nil }
    guard case .scalar(let text, isPlain: true) = value.content,
      case .integer(let number)? = CoreSchema.value(of: text), let count = Int(exactly: number), bounds.contains(count)
    else {
      problems.note(
        .invalidValue, at: value.place,
        "\(path(key)) must be a whole number from \(bounds.lowerBound) to \(bounds.upperBound)")
      return nil
    }
    return count
  }
}
