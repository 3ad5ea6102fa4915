/// Checks what the parts of a pipeline have to do with each other, and with the workers that a program has.
struct PipelineCheck {
  let draft: PipelineDraft
  /// Nil where workers, options and outputs are not to be checked: a stored revision may use what this host lacks.
  let registry: WorkerRegistry?
  let graph: StageGraph
  /// The same stages with those needs alone that must have succeeded.
  let sureGraph: StageGraph
  let stages: [String: StageDraft]
  /// Their names, sorted.
  let stageNames: [String]
  /// The stages with `each`, by the names of their elements.
  let elements: [String: String]
  var problems: ProblemList

  init(_ draft: PipelineDraft, registry: WorkerRegistry?, problems: ProblemList) {
    self.draft = draft
    self.registry = registry
    self.problems = problems
    graph = StageGraph(draft.stages.map { ($0.name.rawValue, $0.needs.map(\.value)) })
    sureGraph = StageGraph(draft.stages.map { ($0.name.rawValue, $0.sureNeeds) })
    stages = Dictionary(draft.stages.map { ($0.name.rawValue, $0) }) { first, _ in first }
    stageNames = stages.keys.sorted()
    elements = Dictionary(
      draft.stages.compactMap { stage in stage.each.map { ($0.name.value, stage.name.rawValue) } }
    ) { first, _ in first }
  }

  /// Runs all checks; what they find is in `problems`.
  mutating func run() {
    if let trigger = draft.trigger {
      checkEventFields(trigger.fields)
      checkSchedule(of: trigger)
    }
    checkDefaults()
    for stage in draft.stages {
      checkList(stage.needs, of: "needs of '\(stage.name)'", itself: stage.name.rawValue)
      checkJoins(of: stage)
      checkFanout(of: stage)
      checkBlocking(of: stage)
      checkReferences(of: stage)
      for condition in stage.conditions { checkCondition(condition, of: stage) }
      checkOptions(of: stage)
    }
    checkCycle()
    for emit in draft.emits { checkEmit(emit) }
  }

  private mutating func checkList(_ names: [Placed<String>], of what: String, itself: String? = nil) {
    var seen: Set<String> = []
    for name in names {
      if !seen.insert(name.value).inserted {
        problems.note(.repeatedNeed, at: name.place, "'\(name.value)' stands twice in \(what)")
      } else if name.value == itself {
        problems.note(.selfNeed, at: name.place, "stage '\(name.value)' needs itself")
      } else if stages[name.value] == nil {
        problems.note(
          .unknownStage, at: name.place, "there is no stage '\(name.value)' for \(what)", unknown: name.value,
          known: stageNames)
      }
    }
  }

  private mutating func checkCycle() {
    guard let cycle = graph.cycle, let first = cycle.first, let stage = stages[first] else { return }
    let next = cycle.count > 1 ? cycle[1] : first
    problems.note(
      .cycle, at: stage.needs.first { $0.value == next }?.place ?? stage.place,
      "stages need each other in a circle: \((cycle + [first]).joined(separator: " needs "))")
  }

  private mutating func checkCondition(_ condition: ConditionDraft, of stage: StageDraft) {
    let root = condition.root
    if root.value == Reference.event { return checkEventFields(condition.fields) }
    guard stage.needs.contains(where: { $0.value == root.value }) else {
      if stages[root.value] == nil {
        return noteUnknownRoot(root, in: "when", known: stage.needs.map(\.value))
      }
      return problems.note(
        .notNeeded, at: root.place, "'when' of '\(stage.name)' looks at '\(root.value)', which it does not need",
        hint: "add '\(root.value)' to its needs")
    }
    for field in condition.fields { checkOutput(field.value, of: root.value, at: field.place) }
  }

  private mutating func checkEmit(_ emit: EmitDraft) {
    checkList(emit.after, of: "'after'")
    let scope = scope(after: emit.after.map(\.value), for: emit.references)
    checkReferences(emit.references, within: scope)
    if let event = emit.event { checkEmitted(Placed(event, at: emit.place)) }
  }

  /// Checks the type of an event that the pipeline emits.
  mutating func checkEmitted(_ event: Placed<String>) {
    if event.value == Schedule.eventType {
      problems.note(
        .invalidName, at: event.place, "'\(event.value)' is the type of the ticks of schedules",
        hint: "emit another type")
    } else if let trigger = draft.trigger, trigger.match == nil, event.value == trigger.event {
      problems.note(
        .selfTrigger, at: event.place, "this pipeline emits the event that triggers it, without end",
        hint: "emit another type, or tell the two apart with trigger.match")
    }
  }
}

extension StageDraft {
  /// The needs that have succeeded whenever the stage runs.
  fileprivate var sureNeeds: [String] {
    let loose = Set(joins.filter { $0.ends != [.succeeded] }.map(\.need.value))
    return needs.map(\.value).filter { !loose.contains($0) }
  }
}
