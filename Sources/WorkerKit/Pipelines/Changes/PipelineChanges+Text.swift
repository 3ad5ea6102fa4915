extension PipelineChanges {
  /// The changes for a person: `+` becomes active, `-` is taken away, `~` changes.
  public var text: String {
    guard !isEmpty else { return "Nothing would change." }
    var lines: [String] = []
    for pipeline in added {
      lines.append("+ \(pipeline.name)")
      lines += pipeline.stages.map { "    + stage \($0.name) (\($0.worker))" }
    }
    for change in changed { lines += change.lines }
    lines += removed.map { "- \($0.name)" }
    lines.append("\(added.count) added, \(changed.count) changed, \(removed.count) removed, \(unchanged) unchanged")
    return lines.joined(separator: "\n")
  }

  /// The changes for programs.
  public var json: JSON {
    .object([
      "added": .array(added.map { .string($0.name.rawValue) }),
      "removed": .array(removed.map { .string($0.name.rawValue) }), "changed": .array(changed.map(\.json)),
      "unchanged": .integer(Int64(unchanged)),
    ])
  }
}

extension PipelineChange {
  fileprivate var lines: [String] {
    var lines = ["~ \(new.name)"]
    if isCosmetic { lines.append("    comments or description only: runs do the same") }
    if isTriggerChanged { lines.append("    ~ trigger") }
    lines += added.map { "    + stage \($0.name) (\($0.worker))" }
    lines += changed.map { "    ~ stage \($0.stage): \($0.keys.joined(separator: ", "))" }
    lines += removed.map { "    - stage \($0.name) (\($0.worker))" }
    if areEmitsChanged { lines.append("    ~ emit") }
    return lines
  }

  fileprivate var json: JSON {
    .object([
      "pipeline": .string(new.name.rawValue), "from": .string(old.revision.rawValue),
      "to": .string(new.revision.rawValue), "trigger": .bool(isTriggerChanged), "emit": .bool(areEmitsChanged),
      "stages": .object([
        "added": .array(added.map { .string($0.name.rawValue) }),
        "removed": .array(removed.map { .string($0.name.rawValue) }),
        "changed": .array(
          changed.map { change in
            .object([
              "stage": .string(change.stage.rawValue), "keys": .array(change.keys.map { .string($0) }),
            ])
          }),
      ]),
    ])
  }
}
