/// Reads a test file of a pipeline.
struct TrialReader {
  let pipeline: Pipeline
  let registry: WorkerRegistry?
  var problems: ProblemList

  /// The moment of every case, so that a test comes out the same on any day: 2026-01-01T00:00:00Z.
  static let now = Timestamp(milliseconds: 1_767_225_600_000)

  init(file: String, pipeline: Pipeline, registry: WorkerRegistry?) {
    self.pipeline = pipeline
    self.registry = registry
    problems = ProblemList(file: file)
  }

  /// The cases that could be read; the rest is in `problems`.
  mutating func read(_ text: String) -> [Trial] {
    guard let root = YAMLReader.read(text, into: &problems) else { return [] }
    guard case .map = root.content else {
      problems.note(
        .wrongType, at: root.place, "a test file must be a mapping, not \(root.kind)", hint: "begin with cases:")
      return []
    }
    guard let map = MappingReader(root, path: "", keys: ["cases"], into: &problems),
      let cases = map.required("cases", into: &problems)
    else { return [] }
    guard case .list(let items) = cases.value.content, !items.isEmpty else {
      problems.note(.wrongType, at: cases.value.place, "cases must be a list of at least one case")
      return []
    }
    var (trials, names) = ([Trial](), Set<String>())
    for (index, item) in items.enumerated() {
      guard let trial = trial(item, path: "cases[\(index)]") else { continue }
      if !names.insert(trial.name).inserted {
        problems.note(.invalidValue, at: item.place, "two cases are called '\(trial.name)'")
      }
      trials.append(trial)
    }
    return trials
  }

  private mutating func trial(_ value: YAMLValue, path: String) -> Trial? {
    let keys = ["case", "event", "stages", "expect"]
    guard let map = MappingReader(value, path: path, keys: keys, into: &problems) else { return nil }
    let name = map.required("case", into: &problems).flatMap { _ in map.text("case", into: &problems) }
    let event = event(of: map)
    let mocks = map["stages"].map { self.mocks($0.value, path: "\(path).stages") } ?? [:]
    let wanted = map.required("expect", into: &problems).flatMap { expectation($0.value, path: "\(path).expect") }
    guard let name, let event, let wanted else { return nil }
    return Trial(
      name: name.value, line: value.place.line, column: value.place.column, event: event, mocks: mocks,
      expectation: wanted)
  }

  /// The event of a case; a tick, where the pipeline has a schedule and the case says nothing else.
  private mutating func event(of map: MappingReader) -> EventEnvelope? {
    if map["event"] == nil, let tick = tick(pipeline, [:]) {
      return try? EventEnvelope.read(.object(tick), now: Self.now)
    }
    return map.required("event", into: &problems).flatMap { event($0.value, path: map.path("event")) }
  }

  /// Reads an event as the API would; what no case cares for may be left out.
  private mutating func event(_ value: YAMLValue, path: String) -> EventEnvelope? {
    guard case .map(let members) = value.content else {
      problems.note(.wrongType, at: value.place, "\(path) must be a mapping, not \(value.kind)")
      return nil
    }
    guard case .object(var fields)? = literal(value, path: path) else { return nil }
    fields = tick(pipeline, fields) ?? fields
    fields["id"] = fields["id"] ?? "test"
    fields["type"] = fields["type"] ?? .string(pipeline.trigger.event)
    fields["tenant_id"] = fields["tenant_id"] ?? "test"
    fields["payload"] = fields["payload"] ?? .object([:])
    do throws(EnvelopeError) { return try EventEnvelope.read(.object(fields), now: Self.now) } catch {
      for problem in error.problems {
        let member = Self.member(problem.field.split(separator: ".").map(String.init), of: members)
        let code: PipelineProblem.Code = problem.code == "unknown_field" ? .unknownEventField : .invalidValue
        problems.note(code, at: member?.place ?? value.place, "\(path).\(problem.field): \(problem.message)")
      }
      return nil
    }
  }

  /// The tick of the pipeline's schedule at the moment of all cases, but for the fields that are given; nil where there
  /// is no schedule, or the event is another.
  private func tick(_ pipeline: Pipeline, _ given: [String: JSON]) -> [String: JSON]? {
    guard pipeline.trigger.schedule != nil, given["type"].map({ $0 == .string(Schedule.eventType) }) ?? true else {
      return nil
    }
    let moment = Self.now.description
    var payload: [String: JSON] = ["pipeline": .string(pipeline.name.rawValue), "scheduled_at": .string(moment)]
    if case .object(let members)? = given["payload"] { payload.merge(members) { _, given in given } }
    var fields: [String: JSON] = [
      "id": .string("tick-\(pipeline.name)-\(moment)"), "type": .string(Schedule.eventType),
      "source": "millrace/schedule", "tenant_id": .string(Schedule.tenant.rawValue), "occurred_at": .string(moment),
    ]
    fields.merge(given) { _, given in given }
    if case .object? = given["payload"] ?? .object([:]) { fields["payload"] = .object(payload) }
    return fields
  }

  private static func member(_ keys: [String], of members: [YAMLMember]) -> YAMLMember? {
    guard let key = keys.first, let member = members.first(where: { $0.key == key }) else { return nil }
    guard keys.count > 1, case .map(let below) = member.value.content else { return member }
    return Self.member(Array(keys.dropFirst()), of: below) ?? member
  }

  /// The stage that a file names; a problem where there is none.
  mutating func stage(_ name: Placed<String>) -> Stage? {
    if let stage = pipeline.stage(StageName(name.value)) { return stage }
    problems.note(
      .unknownStage, at: name.place, "pipeline '\(pipeline.name)' has no stage '\(name.value)'", unknown: name.value,
      known: pipeline.stages.map(\.name.rawValue))
    return nil
  }

  /// A value without references.
  mutating func literal(_ value: YAMLValue, path: String) -> JSON? {
    var reader = TemplateReader()
    guard let template = reader.read(value, path: path, into: &problems) else { return nil }
    if let literal = template.literal { return literal }
    problems.note(
      .invalidReference, at: reader.references.first?.place ?? value.place,
      "\(path) holds a reference, and a test has only values", hint: "write $${ for the text ${")
    return nil
  }
}
