extension PipelineCheck {
  /// Checks that a reference leads to the event or to a stage that has surely succeeded, and to a field it has.
  ///
  /// `lacks` and `list` say, in words, what does not lead to the stage, and where to name it.
  mutating func checkReference(
    _ placed: Placed<Reference>, within stages: Set<String>, lacks: String, list: String
  ) {
    let reference = placed.value
    if reference.root == Reference.event { return checkEventPath(reference, at: placed.place) }
    guard self.stages[reference.root] != nil else {
      return noteUnknownRoot(
        Placed(reference.root, at: placed.place), in: reference.description, known: self.stages.keys.sorted())
    }
    guard stages.contains(reference.root) else {
      return problems.note(
        .notNeeded, at: placed.place, "\(reference) is used, but \(lacks) '\(reference.root)'",
        hint: "add '\(reference.root)' to \(list)")
    }
    if let field = reference.path.first { checkOutput(field, of: reference.root, at: placed.place) }
  }

  /// Notes a root that is neither the event nor a stage.
  mutating func noteUnknownRoot(_ root: Placed<String>, in what: String, known: [String]) {
    problems.note(
      .unknownRoot, at: root.place, "'\(root.value)' in \(what) is neither 'event' nor a stage", unknown: root.value,
      known: known + [Reference.event])
  }

  /// Checks that the stage's worker declares the field.
  mutating func checkOutput(_ field: String, of stage: String, at place: Place) {
    guard let name = stages[stage]?.worker?.value, let worker = registry?.worker(name) else { return }
    let outputs = worker.outputs.map(\.name)
    guard !outputs.contains(field) else { return }
    problems.note(
      .unknownOutput, at: place, "worker \(name) of stage '\(stage)' returns no '\(field)'", unknown: field,
      known: outputs)
  }

  /// Checks the keys of a pattern over the event.
  mutating func checkEventFields(_ fields: [Placed<String>]) {
    for field in fields { checkEventField(field.value, at: field.place) }
  }

  private mutating func checkEventPath(_ reference: Reference, at place: Place) {
    guard let field = reference.path.first, checkEventField(field, at: place), reference.path.count > 1 else { return }
    let below: Set<String>
    switch field {
    case "payload", "context": return
    case "resource": below = ["kind", "id"]
    case "provenance": below = ["source_ip", "user_agent", "plugin_id"]
    default:
      return problems.note(
        .unknownEventField, at: place, "\(reference) looks into 'event.\(field)', which has no fields")
    }
    guard !below.contains(reference.path[1]) else { return }
    problems.note(
      .unknownEventField, at: place, "'event.\(field)' has no field '\(reference.path[1])'",
      unknown: reference.path[1], known: below.sorted())
  }

  @discardableResult
  private mutating func checkEventField(_ field: String, at place: Place) -> Bool {
    let known = EventEnvelope.known.union(["hops"])
    guard !known.contains(field) else { return true }
    problems.note(
      .unknownEventField, at: place, "an event has no field '\(field)'", unknown: field, known: known.sorted())
    return false
  }
}
