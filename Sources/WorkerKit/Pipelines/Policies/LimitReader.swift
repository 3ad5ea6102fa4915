/// Reads `limit`: one limit, or a list of them.
struct LimitReader {
  static let keys = ["key", "rate", "burst", "concurrency"]

  private(set) var references: [ReferenceDraft] = []

  /// Reads the limits. What is wrong with them goes to `problems`; nil where something is.
  mutating func read(_ value: YAMLValue, path: String, into problems: inout ProblemList) -> [LimitPolicy]? {
    guard case .list(let items) = value.content else {
      guard case .map = value.content else {
        problems.note(
          .wrongType, at: value.place, "\(path) must be a mapping or a list of mappings, not \(value.kind)",
          hint: "write { rate: 20/s } or { concurrency: 4 }")
        return nil
      }
      return limit(value, path: path, into: &problems).map { [$0] }
    }
    guard (1...PipelineLimits.limits).contains(items.count) else {
      problems.note(.invalidValue, at: value.place, "\(path) must have from 1 to \(PipelineLimits.limits) limits")
      return nil
    }
    var limits: [LimitPolicy] = []
    for (index, item) in items.enumerated() {
      if let limit = limit(item, path: "\(path)[\(index)]", into: &problems) { limits.append(limit) }
    }
    return limits.count == items.count ? limits : nil
  }

  private mutating func limit(_ value: YAMLValue, path: String, into problems: inout ProblemList) -> LimitPolicy? {
    let map = MappingReader(value, path: path, keys: Self.keys, later: PipelineReader.later, into: &problems)
    guard let map else { return nil }
    if map["rate"] == nil {
      if map["concurrency"] == nil {
        problems.note(.missingKey, at: value.place, "\(path) needs the key 'rate' or the key 'concurrency'")
      }
      if let burst = map["burst"] {
        problems.note(.conflictingKeys, at: burst.place, "\(map.path("burst")) means nothing without \(path).rate")
      }
    }
    let burst = map.count("burst", within: PipelineLimits.bursts, into: &problems)
    let rule = LimitRule(
      rate: rate(map, burst, into: &problems),
      concurrency: map.count("concurrency", within: PipelineLimits.concurrencies, into: &problems))
    guard let key = map["key"] else { return LimitPolicy(rule: rule) }
    var reader = TemplateReader()
    let template = reader.text(key.value, path: map.path("key"), into: &problems)
    references += reader.references
    return template.map { LimitPolicy(key: $0, rule: rule) }
  }

  private func rate(_ map: MappingReader, _ burst: Int?, into problems: inout ProblemList) -> Rate? {
    guard let value = map["rate"]?.value else { return nil }
    if case .scalar(let text, _) = value.content, let (count, per) = RateText.read(text) {
      return Rate(count, per: per, burst: burst)
    }
    let times = PipelineLimits.rateTimes
    problems.note(
      .invalidValue, at: value.place,
      "\(map.path("rate")) must be a rate: a count and a time of \(DurationText.write(times.lowerBound)) to "
        + "\(DurationText.write(times.upperBound)), at most \(PipelineLimits.fastestRate)/s",
      hint: "write 20/s, 100/m, 5000/h or 1/10s")
    return nil
  }
}
