extension EventSchemas {
  /// The plan without the events that break their schemas: each is a problem of the run instead, so that nobody reads
  /// from an event what its schema rules out. It is emitted once a job of the run is replayed after the mistake was
  /// mended.
  func checked(_ plan: RunPlan) -> RunPlan {
    guard !plan.emits.isEmpty, count > 0 else { return plan }
    var checked = plan
    checked.emits = []
    for event in plan.emits {
      if let violation = violations(of: event).first {
        checked.problems.append("\(event.type) was not emitted: its payload breaks its schema: \(violation)")
      } else {
        checked.emits.append(event)
      }
    }
    return checked
  }
}
