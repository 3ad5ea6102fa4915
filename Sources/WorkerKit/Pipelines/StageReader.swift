/// Reads one stage of a pipeline file.
enum StageReader {
  static let keys = ["uses", "needs", "with", "when", "join", "each"] + PolicyReader.keys

  /// Reads a stage. What is wrong with it goes to `problems`; nil where it is no mapping.
  static func read(
    _ member: YAMLMember, defaults: PolicyDraft, into problems: inout ProblemList
  ) -> StageDraft? {
    let path = "stages.\(member.key)"
    let map = MappingReader(
      member.value, path: path, keys: keys, later: PipelineReader.later, into: &problems)
    guard let map else { return nil }
    var stage = StageDraft(name: StageName(member.key), place: member.place)
    if map.required("uses", at: member.place, into: &problems) != nil {
      stage.worker = worker(map, into: &problems)
    }
    stage.needs = map.texts("needs", into: &problems)
    stage.options = options(map["with"], path: "\(path).with", into: &problems)
    stage.conditions = conditions(map["when"], path: "\(path).when", into: &problems)
    stage.joins = map["join"].map { JoinReader.read($0.value, path: "\(path).join", into: &problems) } ?? []
    stage.each = map["each"].flatMap { FanoutReader.read($0, path: "\(path).each", into: &problems) }
    stage.policy = PolicyReader.read(map, over: defaults, into: &problems)
    return stage
  }

  private static func worker(_ map: MappingReader, into problems: inout ProblemList) -> Placed<WorkerName>? {
    guard let name = map.text("uses", into: &problems) else { return nil }
    let letters = name.value.utf8.allSatisfy { $0 == 0x2E || $0 == 0x5F || ($0 >= 0x61 && $0 <= 0x7A) }
    guard letters, name.value.contains(".") else {
      problems.note(
        .invalidName, at: name.place, "'\(name.value)' is no worker's name",
        hint: "names are like media.thumbnails: lower-case letters and dots")
      return nil
    }
    return Placed(WorkerName(name.value), at: name.place)
  }

  private static func options(
    _ member: YAMLMember?, path: String, into problems: inout ProblemList
  ) -> [OptionDraft] {
    guard let value = member?.value, !value.isNull else { return [] }
    guard case .map(let members) = value.content else {
      problems.note(.wrongType, at: value.place, "\(path) must be a mapping, not \(value.kind)")
      return []
    }
    return members.map { member in
      var reader = TemplateReader()
      let template = reader.read(member.value, path: "\(path).\(member.key)", into: &problems)
      return OptionDraft(
        key: Placed(member.key, at: member.place), place: member.value.place, template: template,
        references: reader.references)
    }
  }

  private static func conditions(
    _ member: YAMLMember?, path: String, into problems: inout ProblemList
  ) -> [ConditionDraft] {
    guard let value = member?.value else { return [] }
    guard case .map(let members) = value.content else {
      problems.note(.invalidPattern, at: value.place, "\(path) must be a mapping, not \(value.kind)")
      return []
    }
    return members.map { member in
      let pattern = PatternReader.root(member.value, path: "\(path).\(member.key)", into: &problems)
      return ConditionDraft(
        root: Placed(member.key, at: member.place), pattern: pattern, fields: PatternReader.fields(member.value))
    }
  }
}
