/// What activating one set of pipelines in the place of another would change.
public struct PipelineChanges: Sendable {
  /// Pipelines that would become active, by name.
  public let added: [Pipeline]
  /// Pipelines that would be active no more, by name.
  public let removed: [Pipeline]
  /// Pipelines that would be active in another revision, by name.
  public let changed: [PipelineChange]
  /// How many would stay as they are.
  public let unchanged: Int

  /// Compares two sets.
  public init(from old: PipelineSet, to new: PipelineSet) {
    func byName(_ pipelines: some Sequence<Pipeline>) -> [Pipeline] { pipelines.sorted { $0.name < $1.name } }
    added = byName(new.pipelines.values.filter { old.pipelines[$0.name] == nil })
    removed = byName(old.pipelines.values.filter { new.pipelines[$0.name] == nil })
    changed = byName(new.pipelines.values).compactMap { pipeline in
      guard let earlier = old.pipelines[pipeline.name], earlier.revision != pipeline.revision else { return nil }
      return PipelineChange(from: earlier, to: pipeline)
    }
    unchanged = new.pipelines.count - added.count - changed.count
  }

  /// True where nothing would change.
  public var isEmpty: Bool { added.isEmpty && removed.isEmpty && changed.isEmpty }
}

/// What is other in another revision of a pipeline.
public struct PipelineChange: Sendable {
  public let old: Pipeline
  public let new: Pipeline
  /// True where other events start runs.
  public let isTriggerChanged: Bool
  /// True where runs emit other events.
  public let areEmitsChanged: Bool
  /// Stages in the order of the new file.
  public let added: [Stage]
  /// Stages in the order of the old file.
  public let removed: [Stage]
  /// Stages in the order of the new file, each with the keys that say something else.
  public let changed: [(stage: StageName, keys: [String])]

  init(from old: Pipeline, to new: Pipeline) {
    self.old = old
    self.new = new
    isTriggerChanged = old.trigger != new.trigger
    areEmitsChanged = old.emits != new.emits
    added = new.stages.filter { old.stage($0.name) == nil }
    removed = old.stages.filter { new.stage($0.name) == nil }
    changed = new.stages.compactMap { stage in
      guard let earlier = old.stage(stage.name), earlier != stage else { return nil }
      return (stage.name, Self.keys(earlier, stage))
    }
  }

  /// True where a run would do the same: other comments, another description.
  public var isCosmetic: Bool {
    !isTriggerChanged && !areEmitsChanged && added.isEmpty && removed.isEmpty && changed.isEmpty
  }

  private static func keys(_ old: Stage, _ new: Stage) -> [String] {
    let keys = [
      ("uses", old.worker == new.worker), ("needs", old.needs == new.needs), ("with", old.with == new.with),
      ("when", old.when == new.when), ("timeout", old.timeout == new.timeout), ("retry", old.retry == new.retry),
      ("queue", old.queue == new.queue), ("fair_by", old.policy.fairBy == new.policy.fairBy),
      ("limit", old.policy.limits == new.policy.limits),
    ].filter { !$0.1 }.map(\.0)
    return keys.isEmpty ? ["policy"] : keys
  }
}
