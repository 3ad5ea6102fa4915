extension TrialReader {
  /// Reads what a case asks for.
  mutating func expectation(_ value: YAMLValue, path: String) -> TrialExpectation? {
    let keys = ["runs", "ran", "skipped", "cancelled", "failed", "emitted"]
    guard let map = MappingReader(value, path: path, keys: keys, into: &problems) else { return nil }
    var expectation = TrialExpectation()
    let named = keys.filter { map[$0] != nil }
    if named.isEmpty { problems.note(.missingKey, at: value.place, "\(path) asks for nothing") }
    if let runs = map["runs"]?.value {
      guard let flag = flag(runs, path: "\(path).runs") else { return nil }
      expectation.runs = flag
      if !flag, named.count > 1 {
        problems.note(.invalidValue, at: runs.place, "\(path) asks for no run, and for what is in it")
      }
    }
    expectation.ran = map["ran"].map { ran($0.value, path: "\(path).ran") }
    expectation.skipped = stages("skipped", of: map)
    expectation.cancelled = stages("cancelled", of: map)
    expectation.failed = stages("failed", of: map)
    expectation.emitted = map["emitted"].map { emitted($0.value, path: "\(path).emitted") }
    return expectation
  }

  private mutating func flag(_ value: YAMLValue, path: String) -> Bool? {
    if case .scalar(let text, isPlain: true) = value.content, case .bool(let flag)? = CoreSchema.value(of: text) {
      return flag
    }
    problems.note(.wrongType, at: value.place, "\(path) must be true or false, not \(value.kind)")
    return nil
  }

  private mutating func stages(_ key: String, of map: MappingReader) -> Set<StageName>? {
    guard map[key] != nil else { return nil }
    return Set(map.texts(key, into: &problems).compactMap { stage($0)?.name })
  }

  /// A list of stages, or a mapping of stages to what they must have been called with.
  private mutating func ran(_ value: YAMLValue, path: String) -> [StageName: ExpectedCalls] {
    var ran: [StageName: ExpectedCalls] = [:]
    switch value.content {
    case .list(let items):
      for (index, item) in items.enumerated() {
        let text = YAMLText.read(item, path: "\(path)[\(index)]", into: &problems)
        if let stage = text.flatMap({ stage($0) }) { ran[stage.name] = ExpectedCalls() }
      }
    case .map(let members):
      for member in members {
        guard let stage = stage(Placed(member.key, at: member.place)) else { continue }
        ran[stage.name] = calls(member.value, of: stage, path: "\(path).\(member.key)")
      }
    case .scalar:
      problems.note(.wrongType, at: value.place, "\(path) must be a list or a mapping of stages, not \(value.kind)")
    }
    return ran
  }

  private mutating func calls(_ value: YAMLValue, of stage: Stage, path: String) -> ExpectedCalls? {
    guard !value.isNull else { return ExpectedCalls() }
    let keys = ["with", "with_exactly"] + (stage.each == nil ? [] : ["count", "elements"])
    guard let map = MappingReader(value, path: path, keys: keys, into: &problems) else { return nil }
    var calls = ExpectedCalls(all: self.value("with", of: map, at: value.place))
    calls.count = map.count("count", within: 0...Fanout.elements, into: &problems)
    guard let elements = map["elements"]?.value else { return calls }
    guard case .list(let items) = elements.content else {
      problems.note(.wrongType, at: elements.place, "\(map.path("elements")) must be a list, not \(elements.kind)")
      return nil
    }
    if map["count"] != nil {
      problems.note(.invalidValue, at: value.place, "\(path) has both count and elements", hint: "write one")
    }
    calls.elements = items.enumerated().map { index, item in
      guard !item.isNull else { return nil }
      let path = "\(map.path("elements"))[\(index)]"
      let map = MappingReader(item, path: path, keys: ["with", "with_exactly"], into: &problems)
      return map.flatMap { self.value("with", of: $0, at: item.place) }
    }
    return calls
  }

  private mutating func emitted(_ value: YAMLValue, path: String) -> [ExpectedEvent] {
    guard case .list(let items) = value.content else {
      problems.note(.wrongType, at: value.place, "\(path) must be a list of events, not \(value.kind)")
      return []
    }
    return items.enumerated().compactMap { index, item in
      let path = "\(path)[\(index)]"
      let keys = ["event", "payload", "payload_exactly"]
      guard let map = MappingReader(item, path: path, keys: keys, into: &problems),
        map.required("event", into: &problems) != nil, let type = map.text("event", into: &problems)
      else { return nil }
      let known = pipeline.emits.map(\.event) + pipeline.stages.compactMap(\.policy.onFailure?.event)
      if !known.contains(type.value) {
        problems.note(
          .invalidValue, at: type.place, "pipeline '\(pipeline.name)' never emits '\(type.value)'",
          unknown: type.value, known: known)
      }
      return ExpectedEvent(type: type.value, payload: self.value("payload", of: map, at: item.place))
    }
  }

  /// A pattern under `key`, or an exact value under `key_exactly`; nil where there is neither.
  private mutating func value(_ key: String, of map: MappingReader, at place: Place) -> ExpectedValue? {
    switch (map[key], map["\(key)_exactly"]) {
    case (nil, nil): return nil
    case (let pattern?, nil):
      return PatternReader.root(pattern.value, path: map.path(key), into: &problems).map { .pattern($0) }
    case (nil, let exact?): return literal(exact.value, path: map.path("\(key)_exactly")).map { .exactly($0) }
    default:
      problems.note(.invalidValue, at: place, "\(map.path) has both \(key) and \(key)_exactly", hint: "write one")
      return nil
    }
  }
}
