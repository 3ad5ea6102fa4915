extension PipelineGraph {
  /// For programs: `nodes`, and `edges` between their ids.
  ///
  /// A node is the trigger (`event`), a stage (its name), an event that the run sends (`emit.0`, in the order of the
  /// file) or the event of a dead letter (`on_failure.STAGE`). An edge's `join` is the ends of its `from` with which
  /// its `to` follows; an edge from the trigger has none.
  public var json: JSON {
    .object([
      "pipeline": .string(pipeline.name.rawValue), "nodes": .array([triggerNode] + stageNodes + eventNodes),
      "edges": .array(stageEdges + eventEdges),
    ])
  }

  private static let triggerID = "event"

  private var triggerNode: JSON {
    var members: [String: JSON] = [
      "id": .string(Self.triggerID), "kind": "trigger", "event": .string(pipeline.trigger.event),
    ]
    if let schedule = pipeline.trigger.schedule {
      members["cron"] = .string(schedule.cron)
      members["time_zone"] = .string(schedule.timeZone)
    }
    return .object(members)
  }

  private var stageNodes: [JSON] {
    pipeline.ordered.map { stage in
      var members: [String: JSON] = [
        "id": .string(stage.name.rawValue), "kind": "stage", "worker": .string(stage.worker.rawValue),
      ]
      if !stage.when.isEmpty { members["when"] = .array(stage.when.map { .string($0.words) }) }
      members["fair_by"] = stage.policy.fairBy.map { .string($0.words) }
      members["limits"] = stage.policy.limits.map { limits in .array(limits.map { .string($0.words) }) }
      if let each = stage.each { members["each"] = .string("\(each.list)") }
      return .object(members)
    }
  }

  private var eventNodes: [JSON] {
    pipeline.emits.enumerated().map { index, emit in
      .object(["id": .string("emit.\(index)"), "kind": "emit", "event": .string(emit.event)])
    }
      + failures.map { failure in
        .object([
          "id": .string("on_failure.\(failure.stage)"), "kind": "on_failure", "event": .string(failure.event),
        ])
      }
  }

  private var stageEdges: [JSON] {
    pipeline.ordered.flatMap { stage in
      stage.needs.isEmpty
        ? [Self.edge(from: Self.triggerID, to: stage.name.rawValue)]
        : stage.needs.map { need in
          Self.edge(from: need.rawValue, to: stage.name.rawValue, join: stage.join[need] ?? [.succeeded])
        }
    }
  }

  private var eventEdges: [JSON] {
    pipeline.emits.enumerated().flatMap { index, emit in
      emit.after.map { Self.edge(from: $0.rawValue, to: "emit.\(index)", join: [.succeeded]) }
    }
      + failures.map { Self.edge(from: $0.stage.rawValue, to: "on_failure.\($0.stage)", join: [.failed]) }
  }

  private static func edge(from: String, to: String, join: Set<NeedEnd>? = nil) -> JSON {
    var members: [String: JSON] = ["from": .string(from), "to": .string(to)]
    members["join"] = join.map { ends in
      .array(NeedEnd.allCases.filter(ends.contains).map { .string($0.rawValue) })
    }
    return .object(members)
  }
}
