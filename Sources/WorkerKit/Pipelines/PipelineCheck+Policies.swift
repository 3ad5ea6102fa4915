extension PipelineCheck {
  /// Checks what every stage gets unless it says otherwise.
  mutating func checkDefaults() {
    for (key, references) in draft.defaults.references.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      let scope = ReferenceScope(
        subject: "defaults.\(key.rawValue)", eventOnly: "write \(key.rawValue) on the stages that can refer to more",
        hasFailure: key == .onFailure)
      checkReferences(references, within: scope)
    }
    let top = PolicyKey.fairBy.rawValue
    checkReferences(
      draft.topReferences,
      within: ReferenceScope(subject: top, eventOnly: "write \(top) on the stages that can refer to more"))
    if let event = draft.defaults.failureEvent { checkEmitted(event) }
  }

  /// Checks all that a stage refers to, but for its conditions.
  mutating func checkReferences(of stage: StageDraft) {
    let options = stage.options.flatMap(\.references)
    let list = stage.each?.list.map { [$0] } ?? []
    let known = scope(of: stage, for: options + list + stage.policy.references.values.flatMap { $0 })
    var (within, failed) = (known, known)
    within.element = stage.each?.name.value
    failed.hasFailure = true
    checkReferences(options, within: within)
    checkReferences(list, within: known)
    for (key, references) in stage.policy.references.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      switch key {
      case .executionKey, .fairBy, .limit: checkReferences(references, within: within)
      case .onFailure: checkReferences(references, within: failed)
      default: checkReferences(references, within: eventScope(key, of: stage))
      }
    }
    if let event = stage.policy.failureEvent { checkEmitted(event) }
  }

  private func eventScope(_ key: PolicyKey, of stage: StageDraft) -> ReferenceScope {
    ReferenceScope(
      subject: "\(key.rawValue) of '\(stage.name)'",
      eventOnly: key == .serialBy
        ? "turns are taken when the run begins, before any stage has an output"
        : "windows are kept by what the events say")
  }

  /// Checks that a stage's `join` names needs.
  mutating func checkJoins(of stage: StageDraft) {
    let needs = stage.needs.map(\.value)
    for join in stage.joins where !needs.contains(join.need.value) {
      let (name, place) = (join.need.value, join.need.place)
      let message = "join of '\(stage.name)' names '\(name)', which it does not need"
      if stages[name] == nil {
        problems.note(.notNeeded, at: place, message, unknown: name, known: needs)
      } else {
        problems.note(.notNeeded, at: place, message, hint: "add '\(name)' to its needs")
      }
    }
  }

  /// Checks that no dead letter can hold its line for ever.
  mutating func checkBlocking(of stage: StageDraft) {
    let policy = stage.policy.filled(from: draft.defaults)
    let (own, defaults) = (stage.policy.places, draft.defaults.places)
    guard policy.coalesce != nil, policy.serialBy?.onDead == .block,
      let place = own[.coalesce] ?? own[.serialBy] ?? defaults[.serialBy]
    else { return }
    problems.note(
      .conflictingKeys, at: place,
      "stage '\(stage.name)' has both 'coalesce' and 'on_dead: block': a dead letter is not replayed once something "
        + "newer has come, and would hold its line for ever",
      hint: "write on_dead: skip")
  }

  /// Checks the name of an element, and that nothing on the stage contradicts `each`.
  mutating func checkFanout(of stage: StageDraft) {
    guard let each = stage.each else { return }
    if stages[each.name.value] != nil {
      problems.note(
        .invalidName, at: each.name.place, "an element cannot be called '\(each.name.value)', like a stage",
        hint: "give it another name with 'as'")
    }
    let reasons: [(PolicyKey, String)] = [
      (.serialBy, "turns are taken when the run begins, before the list is known"),
      (.coalesce, "a window keeps one job, and each makes many"),
    ]
    let policy = stage.policy.filled(from: draft.defaults)
    for (key, reason) in reasons where policy.has(key) {
      let isOwn = stage.policy.places[key] != nil
      problems.note(
        .conflictingKeys, at: stage.policy.places[key] ?? each.place,
        "stage '\(stage.name)' has both 'each' and '\(key.rawValue)'\(isOwn ? "" : ", by default"): \(reason)",
        hint: isOwn
          ? "take one of them away, or move it to another stage"
          : "write \(key.rawValue): null on the stage to have none")
    }
  }
}
