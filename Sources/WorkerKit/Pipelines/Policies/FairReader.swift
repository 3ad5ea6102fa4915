/// Reads `fair_by`: who takes turns, and how much a turn is worth.
struct FairReader {
  static let keys = ["key", "weight", "weights"]

  private(set) var references: [ReferenceDraft] = []

  /// Reads a key alone, or a mapping. What is wrong with it goes to `problems`; nil where something is.
  mutating func read(_ value: YAMLValue, path: String, into problems: inout ProblemList) -> FairPolicy? {
    guard case .map = value.content else {
      return template(value, path: path, into: &problems).map { FairPolicy(key: $0) }
    }
    let map = MappingReader(value, path: path, keys: Self.keys, later: PipelineReader.later, into: &problems)
    guard let map else { return nil }
    if map["weight"] == nil {
      if let weights = map["weights"] {
        problems.note(.conflictingKeys, at: weights.place, "\(path).weights means nothing without \(path).weight")
      } else if map["key"] == nil {
        problems.note(.missingKey, at: value.place, "\(path) needs the key 'key' or the key 'weight'")
      }
    }
    let weights = map["weights"].map { Self.weights($0.value, path: map.path("weights"), into: &problems) }
    let weight = map["weight"]
      .map { self.weight($0.value, of: map, isLookedUp: weights != nil, into: &problems) }
    let key = map["key"].map { template($0.value, path: map.path("key"), into: &problems) }
    return FairPolicy(key: key ?? nil, weight: weight ?? nil, weights: weights)
  }

  /// A number, or what stands for one; a reference where it is looked up.
  private mutating func weight(
    _ value: YAMLValue, of map: MappingReader, isLookedUp: Bool, into problems: inout ProblemList
  ) -> Template? {
    let path = map.path("weight")
    if !isLookedUp, case .scalar(let text, isPlain: true) = value.content,
      case .integer(let number)? = CoreSchema.value(of: text)
    {
      return map.count("weight", within: JobFlow.weights, into: &problems) == nil ? nil : .literal(.integer(number))
    }
    guard let template = template(value, path: path, into: &problems) else { return nil }
    if template.literal == nil { return template }
    let (first, last) = (JobFlow.weights.lowerBound, JobFlow.weights.upperBound)
    problems.note(
      .invalidValue, at: value.place,
      isLookedUp
        ? "\(path) must have a reference: weights are looked up by what it says"
        : "\(path) must be a whole number from \(first) to \(last), or a reference to one",
      hint: "write \"${event.context.plan}\"\(isLookedUp ? "" : " and weights beside it")")
    return nil
  }

  private static func weights(_ value: YAMLValue, path: String, into problems: inout ProblemList) -> [String: Int] {
    guard case .map(let members) = value.content, (1...PipelineLimits.weights).contains(members.count) else {
      problems.note(
        .invalidValue, at: value.place, "\(path) must be a mapping with from 1 to \(PipelineLimits.weights) weights",
        hint: "write { free: 1, pro: 4 }")
      return [:]
    }
    let map = MappingReader(value, path: path, keys: members.map(\.key), into: &problems)
    var weights: [String: Int] = [:]
    for member in members {
      weights[member.key] = map?.count(member.key, within: JobFlow.weights, into: &problems)
    }
    return weights
  }

  private mutating func template(
    _ value: YAMLValue, path: String, into problems: inout ProblemList
  ) -> Template? {
    var reader = TemplateReader()
    let template = reader.text(value, path: path, into: &problems)
    references += reader.references
    return template
  }
}
