import Crypto

/// What a stage's policy says of the turns and limits of its jobs.
extension RunWalk {
  /// A job's flow; nil where all is as usual.
  /// - Throws: `Missing` where the key of a limit leads to nothing, and what reading facts throws.
  func flow(of stage: Stage, locals: [String: JSON], facts: inout RunFacts) throws -> JobFlow? {
    guard stage.policy.fairBy != nil || stage.policy.limits != nil else { return nil }
    var flow = JobFlow()
    if let fair = stage.policy.fairBy {
      flow.fairKey = try fairKey(fair, locals: locals, facts: &facts)
      let weight = try fair.weight.flatMap { try meaning($0, locals: locals, facts: &facts) }
      flow.weight = fair.weight(weight)
    }
    for (place, limit) in (stage.policy.limits ?? []).enumerated() {
      let key = try limit.key.map { try text($0, locals: locals, facts: &facts) } ?? ""
      flow.limits.append(LimitKey(LimitName(pipeline, stage.name, place), Self.kept(key)))
    }
    return flow == JobFlow() ? nil : flow
  }

  /// Who takes turns; nil for the tenant, also where the key leads to nothing.
  private func fairKey(
    _ fair: FairPolicy, locals: [String: JSON], facts: inout RunFacts
  ) throws -> String? {
    let value = try fair.key.flatMap { try meaning($0, locals: locals, facts: &facts) }
    guard let value, value != .null, value != .string("") else { return nil }
    var key = value.text()
    if case .string(let text) = value { key = text }
    return key == (try facts.envelope().tenant.rawValue) ? nil : Self.kept(key)
  }

  /// What the template stands for; nil where a reference in it leads to nothing.
  private func meaning(
    _ template: Template, locals: [String: JSON], facts: inout RunFacts
  ) throws -> JSON? {
    let resolved = try template.resolved { reference throws(DriverError) in
      try facts.value(of: reference, locals: locals)
    }
    guard case .value(let value) = resolved else { return nil }
    return value
  }

  /// The key as queues keep it, in rows and indices of theirs: one that is long, or that not every database can hold,
  /// by its hash.
  private static func kept(_ key: String) -> String {
    guard key.utf8.count > JobFlow.keyBytes || key.utf8.contains(0) else { return key }
    return "sha256:\(SHA256.hash(data: Array(key.utf8)).hexadecimal)"
  }
}
