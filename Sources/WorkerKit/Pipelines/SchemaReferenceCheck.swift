/// Checks what a pipeline looks at in the payload of its event against the schemas of that event.
///
/// A path is a problem only where no version's schema admits it: where an object is closed to the key, or where the
/// value is none that has keys. What a schema leaves open is never a problem.
struct SchemaReferenceCheck {
  private let draft: PipelineDraft
  private let text: String
  private let type: String
  private let schemas: [JSONSchema]

  init(_ draft: PipelineDraft, text: String, schemas: EventSchemas) {
    self.draft = draft
    self.text = text
    type = draft.trigger?.event ?? ""
    self.schemas = schemas.all(of: type)
  }

  func run(into problems: inout ProblemList) {
    guard !schemas.isEmpty else { return }
    for reference in draft.stages.flatMap(\.options).flatMap(\.references) + draft.emits.flatMap(\.references) {
      check(reference, into: &problems)
    }
    checkPatterns(into: &problems)
  }

  private func check(_ placed: ReferenceDraft, into problems: inout ProblemList) {
    let reference = placed.reference
    guard reference.root == Reference.event, reference.path.first == Self.payload else { return }
    note(Array(reference.path.dropFirst()), intoArrays: false, in: "\(reference)", at: placed.place, into: &problems)
  }

  /// Notes the first step of a path that no schema admits.
  private func note(
    _ path: [String], intoArrays: Bool, in what: String, at place: Place, into problems: inout ProblemList
  ) {
    let depth = schemas.map { SchemaPaths($0, intoArrays: intoArrays).depth(of: path) }.max() ?? path.count
    guard depth < path.count else { return }
    let known = schemas.flatMap { SchemaPaths($0, intoArrays: intoArrays).names(at: path.prefix(depth)) }
    let parent = (["payload"] + path.prefix(depth)).joined(separator: ".")
    problems.note(
      .unknownPayloadField, at: place,
      "\(what): by the schema of \(type), '\(parent)' has no '\(path[depth])'", unknown: path[depth],
      known: Set(known).sorted())
  }

  /// Looks at the patterns in the file itself, since compiled ones have forgotten where their keys stand.
  private func checkPatterns(into problems: inout ProblemList) {
    // What cannot be read was noted when the draft was made.
    var ignored = ProblemList(file: "")
    guard let root = YAMLReader.read(text, into: &ignored) else { return }
    if let match = root["trigger"]?["match"] { checkEvent(match, "trigger.match", into: &problems) }
    guard case .map(let stages)? = root["stages"]?.content else { return }
    for stage in stages {
      guard let when = stage.value["when"]?[Reference.event] else { continue }
      checkEvent(when, "stages.\(stage.key).when.event", into: &problems)
    }
  }

  private func checkEvent(_ pattern: YAMLValue, _ what: String, into problems: inout ProblemList) {
    for member in Self.members(of: pattern) where member.key == Self.payload {
      checkPattern(member.value, at: [], "\(what).payload", into: &problems)
    }
  }

  private func checkPattern(
    _ pattern: YAMLValue, at path: [String], _ what: String, into problems: inout ProblemList
  ) {
    for member in Self.members(of: pattern) {
      let below = path + [member.key]
      let isKnown = schemas.contains { SchemaPaths($0, intoArrays: true).depth(of: below) == below.count }
      if isKnown {
        checkPattern(member.value, at: below, "\(what).\(member.key)", into: &problems)
      } else if !Self.asksForAbsence(member.value) {
        note(below, intoArrays: true, in: "\(what).\(member.key)", at: member.place, into: &problems)
      }
    }
  }

  /// The keys of a pattern, those in its `$or`s among them.
  private static func members(of pattern: YAMLValue) -> [YAMLMember] {
    guard case .map(let members) = pattern.content else { return [] }
    return members.flatMap { member -> [YAMLMember] in
      guard member.key == PatternReader.or else { return [member] }
      guard case .list(let items) = member.value.content else { return [] }
      return items.flatMap { Self.members(of: $0) }
    }
  }

  /// Whether a leaf holds where nothing is there: `[{ exists: false }]` asks for what the schema promises.
  private static func asksForAbsence(_ leaf: YAMLValue) -> Bool {
    guard case .list(let items) = leaf.content else { return false }
    return items.contains { item in
      guard case .scalar(let text, isPlain: true)? = item["exists"]?.content else { return false }
      return CoreSchema.value(of: text) == .bool(false)
    }
  }

  private static let payload = "payload"
}

extension YAMLValue {
  /// The value of a mapping's key.
  fileprivate subscript(key: String) -> YAMLValue? {
    guard case .map(let members) = content else { return nil }
    return members.first { $0.key == key }?.value
  }
}
