/// `limit`: how much of a stage may start, or be under way, for each key. What is over it waits, and holds up no other
/// key.
public struct LimitPolicy: Sendable, Hashable {
  /// What is counted together, over all tenants and runs; nil where all jobs of the stage are.
  public let key: Template?
  /// How much is let through for each key.
  public let rule: LimitRule

  /// Describes a limit.
  public init(key: Template? = nil, rule: LimitRule) {
    self.key = key
    self.rule = rule
  }

  /// The limit in a few words: `at most 20/s and 4 at once for each ${event.tenant_id}`.
  var words: String {
    let rate = rule.rate.map { rate in
      let standard = Rate(rate.count, per: rate.per)
      return RateText.write(rate) + (rate == standard ? "" : " with \(rate.burst) at once after a rest")
    }
    let parts = [rate, rule.concurrency.map { "\($0) under way" }].compactMap { $0 }
    return "at most \(parts.joined(separator: " and "))" + (key.map { " for each \($0.words)" } ?? "")
  }
}
