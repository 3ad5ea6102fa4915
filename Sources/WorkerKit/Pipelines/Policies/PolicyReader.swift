/// Reads the keys of a policy, on a stage or under `defaults`.
struct PolicyReader {
  static let keys = PolicyKey.allCases.map(\.rawValue)

  private let map: MappingReader
  private var draft = PolicyDraft()

  private init(_ map: MappingReader) { self.map = map }

  /// Reads these keys of the policy within a mapping. On a stage, null takes away what `defaults` give.
  static func read(
    _ map: MappingReader, keys: [PolicyKey] = PolicyKey.allCases, over defaults: PolicyDraft = PolicyDraft(),
    into problems: inout ProblemList
  ) -> PolicyDraft {
    var reader = PolicyReader(map)
    for key in keys {
      guard let member = map[key.rawValue] else { continue }
      reader.draft.places[key] = member.place
      if !member.value.isNull || defaults.places[key] == nil { reader.read(key, member.value, into: &problems) }
    }
    return reader.draft
  }

  private mutating func read(_ key: PolicyKey, _ value: YAMLValue, into problems: inout ProblemList) {
    switch key {
    case .queue: draft.policy.queue = queue(into: &problems)
    case .priority: draft.policy.priority = map.choice("priority", into: &problems)
    case .timeout: draft.policy.timeout = map.duration("timeout", into: &problems)
    case .lease: draft.policy.lease = map.duration("lease", within: PipelineLimits.leases, into: &problems)
    case .retry: draft.policy.retry = retry(value, into: &problems)
    case .fairBy: draft.policy.fairBy = fairness(value, into: &problems)
    case .limit: draft.policy.limits = limits(value, into: &problems)
    case .serialBy: draft.policy.serialBy = serial(value, into: &problems)
    case .coalesce: draft.policy.coalesce = coalesce(value, into: &problems)
    case .batch: draft.policy.batch = batch(value, into: &problems)
    case .executionKey: draft.policy.executionKey = executionKey(value, into: &problems)
    case .onFailure: draft.policy.onFailure = failureEvent(value, into: &problems)
    case .isolation: draft.policy.isolation = IsolationReader.read(value, path: path(key), into: &problems)
    }
  }

  private func path(_ key: PolicyKey) -> String { map.path(key.rawValue) }

  private func mapping(
    _ key: PolicyKey, _ value: YAMLValue, keys: [String], into problems: inout ProblemList
  ) -> MappingReader? {
    MappingReader(value, path: path(key), keys: keys, later: PipelineReader.later, into: &problems)
  }

  private func queue(into problems: inout ProblemList) -> QueueName? {
    guard let queue = map.text("queue", into: &problems) else { return nil }
    NameForm.check(queue.value, of: "queue", at: queue.place, into: &problems)
    return QueueName(queue.value)
  }

  private func retry(_ value: YAMLValue, into problems: inout ProblemList) -> RetryPolicy? {
    guard let map = mapping(.retry, value, keys: ["attempts", "backoff"], into: &problems) else { return nil }
    let standard = RetryPolicy.standard
    let attempts = map.count("attempts", within: 1...PipelineLimits.attempts, into: &problems)
    var (initial, longest) = (standard.initial, standard.longest)
    if let backoff = map["backoff"]?.value,
      let map = MappingReader(
        backoff, path: map.path("backoff"), keys: ["initial", "max"], later: PipelineReader.later, into: &problems)
    {
      initial = map.duration("initial", into: &problems) ?? initial
      longest = map.duration("max", into: &problems) ?? max(longest, initial)
      if longest < initial {
        problems.note(.invalidValue, at: backoff.place, "\(map.path) has an initial wait longer than its longest")
      }
    }
    return RetryPolicy(attempts: attempts ?? standard.attempts, initial: initial, longest: longest)
  }

  private mutating func fairness(_ value: YAMLValue, into problems: inout ProblemList) -> FairPolicy? {
    var reader = FairReader()
    let policy = reader.read(value, path: path(.fairBy), into: &problems)
    draft.references[.fairBy] = reader.references
    return policy
  }

  private mutating func limits(_ value: YAMLValue, into problems: inout ProblemList) -> [LimitPolicy]? {
    var reader = LimitReader()
    let limits = reader.read(value, path: path(.limit), into: &problems)
    draft.references[.limit] = reader.references
    return limits
  }

  /// A key alone, or a mapping with one.
  private mutating func serial(_ value: YAMLValue, into problems: inout ProblemList) -> SerialPolicy? {
    guard case .map = value.content else {
      return template(.serialBy, value, at: path(.serialBy), into: &problems).map { SerialPolicy(key: $0) }
    }
    guard let map = mapping(.serialBy, value, keys: ["key", "on_dead"], into: &problems) else { return nil }
    let onDead: SerialPolicy.OnDead? = map.choice("on_dead", into: &problems)
    let key = map.required("key", into: &problems)
      .flatMap { template(.serialBy, $0.value, at: map.path("key"), into: &problems) }
    return key.map { SerialPolicy(key: $0, onDead: onDead ?? .skip) }
  }

  private mutating func coalesce(_ value: YAMLValue, into problems: inout ProblemList) -> CoalescePolicy? {
    let keys = ["key", "quiet", "max_wait", "newest_by"]
    guard let map = mapping(.coalesce, value, keys: keys, into: &problems) else { return nil }
    let key = map.required("key", into: &problems)
      .flatMap { template(.coalesce, $0.value, at: map.path("key"), into: &problems) }
    let quiet = map.required("quiet", into: &problems)
      .flatMap { _ in map.duration("quiet", within: PipelineLimits.quiet, into: &problems) }
    let longest = map.required("max_wait", into: &problems)
      .flatMap { _ in map.duration("max_wait", into: &problems) }
    let newestBy = map["newest_by"].flatMap { member in
      var reader = TemplateReader()
      let reference = reader.reference(member.value, path: map.path("newest_by"), into: &problems)
      draft.references[.coalesce, default: []] += reader.references
      return reference
    }
    guard let key, let quiet, let longest else { return nil }
    if longest < quiet {
      problems.note(
        .invalidValue, at: map["max_wait"]?.value.place ?? value.place,
        "\(map.path("max_wait")) is shorter than \(map.path("quiet"))",
        hint: "write \(DurationText.write(quiet)) or more")
    }
    return CoalescePolicy(key: key, quiet: quiet, maxWait: longest, newestBy: newestBy)
  }

  private func batch(_ value: YAMLValue, into problems: inout ProblemList) -> BatchPolicy? {
    guard let map = mapping(.batch, value, keys: ["size", "wait"], into: &problems) else { return nil }
    let size = map.required("size", into: &problems)
      .flatMap { _ in map.count("size", within: PipelineLimits.batchSizes, into: &problems) }
    let wait = map.duration("wait", within: PipelineLimits.batchWaits, into: &problems)
    return size.map { BatchPolicy(size: $0, wait: wait ?? .zero) }
  }

  private mutating func executionKey(_ value: YAMLValue, into problems: inout ProblemList) -> [Template]? {
    let path = path(.executionKey)
    guard case .list(let items) = value.content else {
      problems.note(.wrongType, at: value.place, "\(path) must be a list, not \(value.kind)")
      return nil
    }
    guard (1...PipelineLimits.executionKeyParts).contains(items.count) else {
      problems.note(
        .invalidValue, at: value.place, "\(path) must have from 1 to \(PipelineLimits.executionKeyParts) parts")
      return nil
    }
    var parts: [Template] = []
    for (index, item) in items.enumerated() {
      if let part = template(.executionKey, item, at: "\(path)[\(index)]", into: &problems) { parts.append(part) }
    }
    return parts
  }

  private mutating func failureEvent(_ value: YAMLValue, into problems: inout ProblemList) -> FailureEvent? {
    guard let map = mapping(.onFailure, value, keys: ["event", "payload"], into: &problems) else { return nil }
    let type = map.required("event", into: &problems) == nil ? nil : map.eventType(into: &problems)
    var reader = TemplateReader()
    let payload = map["payload"].map { reader.read($0.value, path: map.path("payload"), into: &problems) }
    draft.references[.onFailure] = reader.references
    draft.failureEvent = type
    guard let type, let payload = payload ?? .literal(.object([:])) else { return nil }
    return FailureEvent(event: type.value, payload: payload)
  }

  private mutating func template(
    _ key: PolicyKey, _ value: YAMLValue, at path: String, into problems: inout ProblemList
  ) -> Template? {
    var reader = TemplateReader()
    let template = reader.text(value, path: path, into: &problems)
    draft.references[key, default: []] += reader.references
    return template
  }
}
