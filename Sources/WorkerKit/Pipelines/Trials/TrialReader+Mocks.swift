extension TrialReader {
  /// Reads what stages come to.
  mutating func mocks(_ value: YAMLValue, path: String) -> [StageName: TrialMocks] {
    guard case .map(let members) = value.content else {
      problems.note(.wrongType, at: value.place, "\(path) must be a mapping of stages, not \(value.kind)")
      return [:]
    }
    var mocks: [StageName: TrialMocks] = [:]
    for member in members {
      guard let stage = stage(Placed(member.key, at: member.place)) else { continue }
      mocks[stage.name] = self.mocks(member.value, of: stage, path: "\(path).\(member.key)")
    }
    return mocks
  }

  private mutating func mocks(_ value: YAMLValue, of stage: Stage, path: String) -> TrialMocks? {
    let keys = stage.each == nil ? ["output", "fails"] : ["output", "fails", "elements"]
    guard let map = MappingReader(value, path: path, keys: keys, into: &problems) else { return nil }
    guard let elements = map["elements"]?.value else {
      return mock(map, of: stage).map { TrialMocks(all: $0) }
    }
    guard map["output"] == nil, map["fails"] == nil else {
      problems.note(
        .invalidValue, at: value.place, "\(path) has elements, and what stands for all of them", hint: "write one")
      return nil
    }
    guard case .list(let items) = elements.content else {
      problems.note(.wrongType, at: elements.place, "\(map.path("elements")) must be a list, not \(elements.kind)")
      return nil
    }
    var mocks = TrialMocks()
    for (index, item) in items.enumerated() {
      let path = "\(map.path("elements"))[\(index)]"
      let map = MappingReader(item, path: path, keys: ["output", "fails"], into: &problems)
      mocks.elements.append(map.flatMap { mock($0, of: stage) } ?? .standard)
    }
    return mocks
  }

  private mutating func mock(_ map: MappingReader, of stage: Stage) -> TrialMock? {
    switch (map["output"], map["fails"]) {
    case (let output?, nil):
      checkOutput(output.value, of: stage)
      return literal(output.value, path: map.path("output")).map { .output($0) }
    case (nil, let fails?): return failure(fails.value, path: map.path("fails"))
    default:
      problems.note(.invalidValue, at: map.place, "\(map.path) needs one of output and fails")
      return nil
    }
  }

  /// A mocked output that the worker can never return would prove nothing.
  private mutating func checkOutput(_ value: YAMLValue, of stage: Stage) {
    guard case .map(let members) = value.content, let worker = registry?.worker(stage.worker) else { return }
    let known = worker.outputs.map(\.name)
    for member in members where !known.contains(member.key) {
      problems.note(
        .unknownOutput, at: member.place, "worker \(worker.name) of stage '\(stage.name)' returns no '\(member.key)'",
        unknown: member.key, known: known)
    }
  }

  private mutating func failure(_ value: YAMLValue, path: String) -> TrialMock? {
    guard let map = MappingReader(value, path: path, keys: ["kind", "code", "message"], into: &problems),
      map.required("kind", into: &problems) != nil, let text = map.text("kind", into: &problems)
    else { return nil }
    let code = map.text("code", into: &problems)?.value ?? "mocked"
    let message = map.text("message", into: &problems)?.value ?? "The test says so."
    guard let kind = FailureKind(rawValue: text.value) else {
      let known = FailureKind.allCases.map(\.rawValue)
      problems.note(
        .invalidValue, at: text.place, "'\(text.value)' is no kind of failure: \(known.joined(separator: ", "))",
        unknown: text.value, known: known)
      return nil
    }
    return .failure(Failure(kind, code, message))
  }
}
