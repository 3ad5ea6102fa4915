import Yams

/// Turns Yams' nodes into values: writes aliases out within a budget, and finds repeated keys.
struct YAMLExpansion {
  /// Why reading cannot go on.
  private struct Stop: Error {}
  /// What an anchor names, how many nodes that is, and how deep it is.
  private struct Anchored {
    let value: YAMLValue
    let nodes: Int
    let height: Int
  }

  /// The members of a mapping so far, and the line of each key.
  private struct Members {
    var list: [YAMLMember] = []
    var lines: [String: Int] = [:]
  }

  private let marked: [Place]
  private var anchors: [String: Anchored] = [:]
  private var nodes = 0

  /// `marked` are the places of the marks that the reader put into the text.
  init(marked: [Place]) { self.marked = marked }

  mutating func document(_ root: Node, into problems: inout ProblemList) -> YAMLValue? {
    try? expand(root, depth: 0, into: &problems).value
  }

  private mutating func expand(
    _ node: Node, depth: Int, into problems: inout ProblemList
  ) throws(Stop) -> Anchored {
    let place = place(of: node.mark)
    try spend(1, depth: depth, at: place, into: &problems)
    let before = nodes - 1
    var height = 1
    let content: YAMLValue.Content
    switch node {
    case .scalar(let scalar):
      if scalar.style == .plain, scalar.string.unicodeScalars.first == PrivateCharacter.alias {
        return try alias(scalar, depth: depth, at: place, into: &problems)
      }
      let allowed = scalar.style == .plain ? [""] : ["", Tag.Name.str.rawValue]
      checkTag(scalar.tag, allowed, at: place, into: &problems)
      content = .scalar(PrivateCharacter.restore(scalar.string), isPlain: scalar.style == .plain)
    case .sequence(let sequence):
      checkTag(sequence.tag, ["", Tag.Name.seq.rawValue], at: place, into: &problems)
      var items: [YAMLValue] = []
      for item in sequence {
        let item = try expand(item, depth: depth + 1, into: &problems)
        height = max(height, item.height + 1)
        items.append(item.value)
      }
      content = .list(items)
    case .mapping(let mapping):
      checkTag(mapping.tag, ["", Tag.Name.map.rawValue], at: place, into: &problems)
      var members = Members()
      for (key, value) in mapping {
        let value = try expand(value, depth: depth + 1, into: &problems)
        height = max(height, value.height + 1)
        add(value.value, for: key, to: &members, into: &problems)
      }
      content = .map(members.list)
    case .alias:
      throw Stop()
    }
    let value = YAMLValue(content: content, place: place)
    let anchored = Anchored(value: value, nodes: nodes - before, height: height)
    if let name = node.anchor?.rawValue { anchors[name] = anchored }
    return anchored
  }

  /// Adds a member, or tells why it is none.
  private func add(
    _ value: YAMLValue, for key: Node, to members: inout Members, into problems: inout ProblemList
  ) {
    let place = place(of: key.mark)
    guard case .scalar(let scalar) = key else {
      return problems.note(.unsupported, at: place, "a key must be a text")
    }
    // Comparing keys has made Yams settle their tags: one that had none is a text by now.
    checkTag(scalar.tag, ["", Tag.Name.str.rawValue], at: place, into: &problems)
    let text = PrivateCharacter.restore(scalar.string)
    if scalar.style == .plain, text.hasPrefix("*") || text == "<<" {
      return problems.note(.unsupported, at: place, "an alias or a merge key '<<' cannot be a key here")
    }
    if let line = members.lines[text] {
      return problems.note(
        .repeatedKey, at: place, "key '\(text)' is repeated", hint: "it stands in line \(line) already")
    }
    members.lines[text] = place.line
    members.list.append(YAMLMember(key: text, place: place, value: value))
  }

  private mutating func alias(
    _ scalar: Node.Scalar, depth: Int, at place: Place, into problems: inout ProblemList
  ) throws(Stop) -> Anchored {
    let name = String(scalar.string.unicodeScalars.dropFirst())
    guard let anchored = anchors[name] else {
      let meant = Spelling.suggestion(for: name, among: anchors.keys.sorted()).map { "did you mean '\($0)'?" }
      let isText = name.isEmpty || name.contains { " /,".contains($0) }
      problems.note(
        .expansion, at: place, "alias '*\(PrivateCharacter.restore(name))' names no anchor before it",
        hint: isText ? "a text that begins with * needs quotes" : meant)
      throw Stop()
    }
    // Deeper than the limit only where the anchored value is: its own height counts from here.
    try spend(anchored.nodes - 1, depth: depth + anchored.height - 1, at: place, into: &problems)
    return Anchored(
      value: YAMLValue(content: anchored.value.content, place: place), nodes: anchored.nodes, height: anchored.height)
  }

  private mutating func spend(
    _ count: Int, depth: Int, at place: Place, into problems: inout ProblemList
  ) throws(Stop) {
    nodes += count
    if nodes > PipelineLimits.nodes {
      problems.note(.expansion, at: place, "the file has more than \(PipelineLimits.nodes) values, aliases written out")
      throw Stop()
    }
    if depth >= PipelineLimits.depth {
      problems.note(.expansion, at: place, "the file is nested more than \(PipelineLimits.depth) levels deep")
      throw Stop()
    }
  }

  private func checkTag(_ tag: Tag, _ allowed: [String], at place: Place, into problems: inout ProblemList) {
    guard !allowed.contains(tag.rawValue) else { return }
    problems.note(.unsupported, at: place, "a pipeline file has no tags like \(tag.rawValue)")
  }

  private func place(of mark: Mark?) -> Place {
    PrivateCharacter.original(Place(line: mark?.line ?? 1, column: mark?.column ?? 1), marked: marked)
  }
}
