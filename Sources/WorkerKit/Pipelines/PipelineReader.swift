/// Reads a pipeline file into a draft: keys, types and forms. What the parts have to do with each other is
/// `PipelineCheck`'s.
struct PipelineReader {
  var problems: ProblemList

  static let keys = ["pipeline", "description", "trigger", "stages", "emit"]
  /// Keys of the design that this version does not know yet, for any mapping.
  static let later: Set<String> = [
    "fair_by", "defaults", "priority", "lease", "limit", "serial_by", "coalesce", "batch", "execution_key",
    "isolation", "each", "join", "depends_on", "on_failure", "cron", "time_zone",
  ]

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
    if let trigger = map.required("trigger", into: &problems) { draft.trigger = self.trigger(trigger.value) }
    if let stages = map.required("stages", into: &problems) { draft.stages = self.stages(stages) }
    if let emit = map["emit"] { draft.emits = emits(emit.value) }
  }

  private mutating func trigger(_ value: YAMLValue) -> TriggerDraft? {
    let map = MappingReader(
      value, path: "trigger", keys: ["event", "match"], later: Self.later, into: &problems)
    guard let map, map.required("event", into: &problems) != nil else { return nil }
    let type = eventType(map)
    var match: Pattern?
    if let value = map["match"]?.value { match = PatternReader.root(value, path: "trigger.match", into: &problems) }
    return type.map { TriggerDraft(event: $0, match: match, fields: PatternReader.fields(map["match"]?.value)) }
  }

  private mutating func stages(_ member: YAMLMember) -> [StageDraft] {
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
      if stage.key == Reference.event {
        problems.note(.invalidName, at: stage.place, "a stage cannot be called 'event', which stands for the event")
      }
      return StageReader.read(stage, into: &problems)
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
    let type = map.required("event", into: &problems) == nil ? nil : eventType(map)
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

  private mutating func eventType(_ map: MappingReader) -> String? {
    guard let type = map.text("event", into: &problems) else { return nil }
    if EnvelopeFields.WordForm.type.admits(type.value) { return type.value }
    problems.note(
      .invalidName, at: type.place,
      "\(map.path("event")) must be a type like MediaUploaded: letters, digits, '.', '-' and '_', a letter first")
    return nil
  }
}
