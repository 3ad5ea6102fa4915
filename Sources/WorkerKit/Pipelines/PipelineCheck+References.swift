extension PipelineCheck {
  /// Checks references that stand at one kind of place.
  mutating func checkReferences(_ references: [ReferenceDraft], within scope: ReferenceScope) {
    for reference in references { check(reference, within: scope) }
  }

  /// Checks that a reference leads to something that is known at its place, to a field it has, and has a fallback
  /// where what it leads to may be absent.
  private mutating func check(_ draft: ReferenceDraft, within scope: ReferenceScope) {
    let (reference, root) = (draft.reference, draft.reference.root)
    if root == Reference.event { return checkEventPath(reference, at: draft.place) }
    if root == scope.element { return }
    if root == FailureEvent.root { return checkFailure(reference, at: draft.place, isKnown: scope.hasFailure) }
    if let rule = scope.eventOnly, stages[root] != nil || elements[root] != nil {
      return problems.note(
        .forbiddenReference, at: draft.place,
        "\(reference) is used in \(scope.subject), which may refer to the event alone",
        hint: rule)
    }
    if stages[root] == nil, let owner = elements[root] {
      return problems.note(
        .forbiddenReference, at: draft.place,
        "\(reference) is an element of stage '\(owner)', known only in its 'with', "
          + "'execution_key', 'fair_by' and 'limit'")
    }
    guard stages[root] != nil else {
      let known = stageNames + [scope.element, scope.hasFailure ? FailureEvent.root : nil].compactMap { $0 }
      return noteUnknownRoot(Placed(root, at: draft.place), in: reference.description, known: known)
    }
    checkStage(draft, within: scope)
  }

  private mutating func checkStage(_ draft: ReferenceDraft, within scope: ReferenceScope) {
    let (reference, root) = (draft.reference, draft.reference.root)
    guard scope.reachable.contains(root) else {
      return problems.note(
        .notNeeded, at: draft.place, "\(reference) is used, but \(scope.lacks) '\(root)'",
        hint: "add '\(root)' to \(scope.list)")
    }
    checkOutputPath(reference.path, of: root, at: draft.place)
    guard !scope.sure.contains(root), reference.fallback == nil else { return }
    let path = ([root] + reference.path).joined(separator: ".")
    let proposal = "${\(path)\(Reference.fallbackMark)\(draft.standIn)}"
    problems.note(
      .missingFallback, at: draft.place,
      "\(reference) may be absent: '\(root)' need not have succeeded \(scope.moment)",
      hint: "write \(proposal), with what to use instead after ':-'")
  }

  private mutating func checkFailure(_ reference: Reference, at place: Place, isKnown: Bool) {
    guard isKnown else {
      return problems.note(
        .forbiddenReference, at: place, "\(reference) is known only in the payload of 'on_failure'")
    }
    let fields = FailureEvent.fields
    guard let field = reference.path.first, reference.path.count == 1 else {
      return problems.note(
        .unknownFailureField, at: place, "\(reference) names no field of the failure",
        hint: "write ${failure.kind}, ${failure.code} or ${failure.message}")
    }
    guard !fields.contains(field) else { return }
    problems.note(
      .unknownFailureField, at: place, "a failure has no field '\(field)', only \(fields.joined(separator: ", "))",
      unknown: field, known: fields)
  }

  /// Notes a root that is neither the event nor a stage.
  mutating func noteUnknownRoot(_ root: Placed<String>, in what: String, known: [String]) {
    problems.note(
      .unknownRoot, at: root.place, "'\(root.value)' in \(what) is neither 'event' nor a stage", unknown: root.value,
      known: known + [Reference.event])
  }

  /// Checks that the stage's output has the field.
  mutating func checkOutput(_ field: String, of stage: String, at place: Place) {
    guard stages[stage]?.each != nil else { return checkWorkerOutput(field, of: stage, at: place) }
    guard !Fanout.outputs.contains(field) else { return }
    problems.note(
      .unknownOutput, at: place,
      "stage '\(stage)' has 'each', so its output has \(Fanout.outputs.joined(separator: " and ")), not '\(field)'",
      hint: "write outputs, a list with the output of each job")
  }

  private mutating func checkWorkerOutput(_ field: String, of stage: String, at place: Place) {
    guard let name = stages[stage]?.worker?.value, let worker = registry?.worker(name) else { return }
    let outputs = worker.outputs.map(\.name)
    guard !outputs.contains(field) else { return }
    problems.note(
      .unknownOutput, at: place, "worker \(name) of stage '\(stage)' returns no '\(field)'", unknown: field,
      known: outputs)
  }

  /// Checks a path below a stage: its field, and where the stage has `each`, the field of a single output.
  private mutating func checkOutputPath(_ path: [String], of stage: String, at place: Place) {
    guard let field = path.first else { return }
    checkOutput(field, of: stage, at: place)
    guard stages[stage]?.each != nil, field == Fanout.outputs.first, path.count > 2 else { return }
    checkWorkerOutput(path[2], of: stage, at: place)
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
