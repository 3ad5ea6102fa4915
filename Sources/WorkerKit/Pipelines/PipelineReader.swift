/// Reads a pipeline file into a draft: keys, types and forms. What the parts have to do with each other is
/// `PipelineCheck`'s.
struct PipelineReader {
  var problems: ProblemList

  static let keys = ["pipeline", "description", "trigger", "fair_by", "defaults", "stages", "emit"]
  /// Keys of the design that this version does not know yet, for any mapping.
  static let later: Set<String> = ["depends_on"]
  /// What a stage cannot be called, and what it stands for in references.
  static let reserved = [Reference.event: "the event", FailureEvent.root: "what went wrong"]

  /// Reads a file's text. The draft holds what could be read, the list holds the rest.
  static func read(_ text: String, file: String) -> (PipelineDraft, ProblemList) {
    var reader = PipelineReader(problems: ProblemList(file: file))
    var draft = PipelineDraft()
    if let root = YAMLReader.read(text, into: &reader.problems) { reader.fill(&draft, from: root) }
    return (draft, reader.problems)
  }

  private mutating func fill(_ draft: inout PipelineDraft, from root: YAMLValue) {
    guard let map = MappingReader(root, path: "", keys: Self.keys, later: Self.later, into: &problems) else { return }
    if map.required("pipeline", into: &problems) != nil {
      draft.name = map.text("pipeline", into: &problems)
      if let name = draft.name { NameForm.check(name.value, of: "pipeline", at: name.place, into: &problems) }
    }
    draft.description = map.text("description", into: &problems)?.value ?? ""
    if let trigger = map.required("trigger", into: &problems) {
      draft.trigger = TriggerReader.read(trigger.value, into: &problems)
    }
    if let defaults = map["defaults"] { draft.defaults = self.defaults(defaults.value) }
    takeFairness(of: map, into: &draft)
    if let stages = map.required("stages", into: &problems) {
      draft.stages = self.stages(stages, defaults: draft.defaults)
    }
    if let emit = map["emit"] { draft.emits = emits(emit.value) }
  }

  private mutating func defaults(_ value: YAMLValue) -> PolicyDraft {
    let map = MappingReader(value, path: "defaults", keys: PolicyReader.keys, later: Self.later, into: &problems)
    return map.map { PolicyReader.read($0, into: &problems) } ?? PolicyDraft()
  }

  /// What stands at the top counts as if it stood under `defaults`.
  private mutating func takeFairness(of map: MappingReader, into draft: inout PipelineDraft) {
    guard let member = map[PolicyKey.fairBy.rawValue] else { return }
    let top = PolicyReader.read(map, keys: [.fairBy], into: &problems)
    draft.topReferences = top.references[.fairBy] ?? []
    if let other = draft.defaults.places[.fairBy] {
      problems.note(
        .conflictingKeys, at: other, "fair_by stands both at the top, in line \(member.place.line), and under defaults",
        hint: "take one of them away")
    }
    draft.defaults.policy.fairBy = top.policy.fairBy
    draft.defaults.places[.fairBy] = member.place
  }

  private mutating func stages(_ member: YAMLMember, defaults: PolicyDraft) -> [StageDraft] {
    guard case .map(let members) = member.value.content else {
      if member.value.isNull {
        problems.note(.noStages, at: member.place, "a pipeline needs at least one stage")
      } else {
        problems.note(.wrongType, at: member.value.place, "stages must be a mapping, not \(member.value.kind)")
      }
      return []
    }
    if members.isEmpty { problems.note(.noStages, at: member.place, "a pipeline needs at least one stage") }
    return members.compactMap { stage in
      NameForm.check(stage.key, of: "stage", at: stage.place, into: &problems)
      if let meaning = Self.reserved[stage.key] {
        problems.note(
          .invalidName, at: stage.place, "a stage cannot be called '\(stage.key)', which stands for \(meaning)")
      }
      return StageReader.read(stage, defaults: defaults, into: &problems)
    }
  }

  private mutating func emits(_ value: YAMLValue) -> [EmitDraft] {
    guard case .list(let items) = value.content else {
      problems.note(.wrongType, at: value.place, "emit must be a list, not \(value.kind)")
      return []
    }
    return items.enumerated().compactMap { index, item in emit(item, path: "emit[\(index)]") }
  }

  private mutating func emit(_ value: YAMLValue, path: String) -> EmitDraft? {
    let keys = ["event", "after", "payload"]
    guard let map = MappingReader(value, path: path, keys: keys, later: Self.later, into: &problems) else { return nil }
    let type = map.required("event", into: &problems) == nil ? nil : map.eventType(into: &problems)?.value
    let after = map.required("after", into: &problems).map { _ in map.texts("after", into: &problems) } ?? []
    if let list = map["after"]?.value, case .list(let items) = list.content, items.isEmpty {
      problems.note(.invalidValue, at: list.place, "\(path).after must name at least one stage")
    }
    var reader = TemplateReader()
    let payload = map["payload"].map { reader.read($0.value, path: "\(path).payload", into: &problems) }
    return EmitDraft(
      place: map["event"]?.value.place ?? value.place, event: type, after: after,
      payload: payload ?? .literal(.object([:])), references: reader.references)
  }
}
