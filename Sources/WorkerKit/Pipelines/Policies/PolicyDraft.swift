/// A policy as far as it could be read, with the places that checks point at.
struct PolicyDraft {
  var policy = StagePolicy()
  /// Where each key stands that the file gives, those with the value null among them.
  var places: [PolicyKey: Place] = [:]
  /// What the templates of each key refer to.
  var references: [PolicyKey: [ReferenceDraft]] = [:]
  /// Where the type of the event of `on_failure` stands.
  var failureEvent: Placed<String>?

  /// The policy of a stage: what it gives itself, null included, counts whole; the rest comes from `defaults`.
  func filled(from defaults: PolicyDraft) -> StagePolicy {
    var open = defaults.policy
    for key in places.keys { open.clear(key) }
    return policy.filled(from: open)
  }
}
