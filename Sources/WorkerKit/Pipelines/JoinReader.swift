/// Reads `join`: for needs by name, the ends that count.
enum JoinReader {
  /// Reads a join. What is wrong with it goes to `problems`.
  static func read(_ value: YAMLValue, path: String, into problems: inout ProblemList) -> [JoinDraft] {
    guard case .map(let members) = value.content else {
      problems.note(
        .wrongType, at: value.place, "\(path) must be a mapping, not \(value.kind)",
        hint: "write { need: [succeeded, failed] }")
      return []
    }
    let map = MappingReader(value, path: path, keys: members.map(\.key), into: &problems)
    guard let map else { return [] }
    return members.map { member in
      JoinDraft(need: Placed(member.key, at: member.place), ends: ends(member, of: map, into: &problems))
    }
  }

  private static func ends(
    _ member: YAMLMember, of map: MappingReader, into problems: inout ProblemList
  ) -> Set<NeedEnd> {
    let path = map.path(member.key)
    if case .list(let items) = member.value.content, items.isEmpty {
      problems.note(
        .invalidValue, at: member.value.place, "\(path) is an empty list, with which the stage would never run",
        hint: "write succeeded, failed or skipped, or several of them")
    }
    var ends: Set<NeedEnd> = []
    for word in map.texts(member.key, into: &problems) {
      guard let end: NeedEnd = MappingReader.choice(word, path: path, into: &problems) else { continue }
      guard !ends.insert(end).inserted else { continue }
      problems.note(.invalidValue, at: word.place, "'\(word.value)' stands twice in \(path)")
    }
    return ends
  }
}
