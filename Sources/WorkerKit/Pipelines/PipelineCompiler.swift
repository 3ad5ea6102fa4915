extension Pipeline {
  /// Reads and checks a pipeline file.
  ///
  /// With a registry, workers, their options and the fields of their outputs are checked too. Without one, a revision
  /// that was checked when it was activated compiles on a host that lacks its workers.
  /// - Throws: A `PipelineFileError` with everything that is wrong, in the order of the file.
  public static func compile(
    _ text: String, file: String, registry: WorkerRegistry? = nil
  ) throws(PipelineFileError) -> Pipeline {
    try CompiledFile.compile(text, file: file, registry: registry).pipeline
  }
}

/// A compiled file, and where it gives the pipeline's name.
struct CompiledFile {
  let file: String
  let pipeline: Pipeline
  let namePlace: Place

  static func compile(
    _ text: String, file: String, registry: WorkerRegistry?, schemas: EventSchemas = EventSchemas()
  ) throws(PipelineFileError) -> CompiledFile {
    let (draft, problems) = PipelineReader.read(text, file: file)
    var check = PipelineCheck(draft, registry: registry, problems: problems)
    check.run()
    SchemaReferenceCheck(draft, text: text, schemas: schemas).run(into: &check.problems)
    guard check.problems.isEmpty, let name = draft.name, let pipeline = pipeline(draft, check.graph, text) else {
      throw PipelineFileError(problems: check.problems.sorted)
    }
    return CompiledFile(file: file, pipeline: pipeline, namePlace: name.place)
  }

  private static func pipeline(_ draft: PipelineDraft, _ graph: StageGraph, _ text: String) -> Pipeline? {
    guard let name = draft.name?.value, let trigger = draft.trigger else { return nil }
    let stages = draft.stages.compactMap { stage($0, draft.defaults) }
    let byName = Dictionary(stages.map { ($0.name.rawValue, $0) }) { first, _ in first }
    return Pipeline(
      name: PipelineName(name), description: draft.description, revision: Pipeline.revision(of: text), source: text,
      trigger: trigger.schedule.map { Pipeline.Trigger($0, of: PipelineName(name)) }
        ?? Pipeline.Trigger(event: trigger.event, match: trigger.match),
      stages: stages,
      ordered: graph.order.compactMap { byName[$0] }, emits: draft.emits.compactMap(emit))
  }

  private static func stage(_ draft: StageDraft, _ defaults: PolicyDraft) -> Stage? {
    guard let worker = draft.worker?.value else { return nil }
    let options = draft.options.compactMap { option in option.template.map { (option.key.value, $0) } }
    let literals = options.compactMap { option in option.1.literal.map { (option.0, $0) } }
    let with: Template =
      literals.count == options.count
      ? .literal(.object(Dictionary(literals) { first, _ in first }))
      : .object(Dictionary(options) { first, _ in first })
    return Stage(
      name: draft.name, worker: worker, needs: draft.needs.map { StageName($0.value) }, with: with,
      when: draft.conditions.compactMap { condition in
        condition.pattern.map { Stage.Condition(root: condition.root.value, pattern: $0) }
      },
      join: Dictionary(draft.joins.map { (StageName($0.need.value), $0.ends) }) { first, _ in first },
      each: draft.each.flatMap(fanout), policy: draft.policy.filled(from: defaults))
  }

  private static func fanout(_ draft: FanoutDraft) -> Fanout? {
    draft.list.map { Fanout(list: $0.reference, name: draft.name.value, parallel: draft.parallel) }
  }

  private static func emit(_ draft: EmitDraft) -> Pipeline.Emit? {
    guard let event = draft.event, let payload = draft.payload else { return nil }
    return Pipeline.Emit(event: event, after: draft.after.map { StageName($0.value) }, payload: payload)
  }
}
