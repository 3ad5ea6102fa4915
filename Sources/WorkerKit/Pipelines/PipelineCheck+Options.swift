extension PipelineCheck {
  /// Checks a stage's worker and options against the registry, where there is one.
  mutating func checkOptions(of stage: StageDraft) {
    guard let registry, let name = stage.worker else { return }
    guard let worker = registry.worker(name.value) else {
      return problems.note(
        .unknownWorker, at: name.place, "there is no worker '\(name.value)'", unknown: name.value.rawValue,
        known: registry.names.map(\.rawValue))
    }
    if let place = stage.policy.places[.batch], stage.policy.policy.batch != nil, !worker.isBatch {
      problems.note(
        .noBatches, at: place, "stage '\(stage.name)' has 'batch', and \(worker.name) takes one job at a time",
        hint: "take it away, or use a worker that takes batches")
    }
    if !worker.isIsolable, stage.policy.filled(from: draft.defaults).isolation != nil {
      let isOwn = stage.policy.places[.isolation] != nil
      problems.note(
        .noIsolation, at: stage.policy.places[.isolation] ?? name.place,
        "stage '\(stage.name)' has 'isolation'\(isOwn ? "" : ", by default"), and \(worker.name) cannot run in a "
          + "process of its own here",
        hint: isOwn ? "take it away" : "write isolation: null on the stage to have none")
    }
    for option in stage.options { check(option, of: worker) }
    for field in worker.options where field.isRequired {
      let given = stage.options.first { $0.key.value == field.name }
      guard given == nil || given?.template == .literal(.null) else { continue }
      problems.note(
        .missingOption, at: given?.key.place ?? stage.place,
        "stage '\(stage.name)' needs the option '\(field.name)' of \(worker.name)",
        hint: "add '\(field.name)' under 'with'")
    }
  }

  private mutating func check(_ option: OptionDraft, of worker: RegisteredWorker) {
    let key = option.key
    guard let field = worker.options.first(where: { $0.name == key.value }) else {
      return problems.note(
        .unknownOption, at: key.place, "worker \(worker.name) has no option '\(key.value)'", unknown: key.value,
        known: worker.options.map(\.name))
    }
    // Null stands for the default; what a reference stands for is known only when the job is made.
    guard let value = option.template?.literal, value != .null, let problem = field.problem(value) else { return }
    problems.note(.invalidOption, at: option.place, "option \(problem)")
  }
}
