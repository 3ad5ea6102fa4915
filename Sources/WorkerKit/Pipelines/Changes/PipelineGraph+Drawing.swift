extension PipelineGraph {
  /// For Mermaid (https://mermaid.js.org/syntax/flowchart.html).
  public var mermaid: String {
    let identifiers = self.identifiers
    func id(_ name: StageName) -> String { identifiers[name] ?? "" }
    var lines = ["flowchart TD", "  event([\"\(Self.escaped(trigger))\"])"]
    for stage in pipeline.ordered {
      lines.append("  \(id(stage.name))[\"\(self.lines(of: stage).map(Self.escaped).joined(separator: "<br/>"))\"]")
      for (from, need) in sources(of: stage) {
        let label = label(of: stage, from: need)
        lines.append(
          "  \(from ?? "event") -->\(label.isEmpty ? "" : "|\"\(Self.escaped(label))\"|") \(id(stage.name))")
      }
    }
    for (index, emit) in pipeline.emits.enumerated() {
      lines.append("  emit\(index)([\"\(emit.event)\"])")
      for stage in emit.after { lines.append("  \(id(stage)) -.-> emit\(index)") }
    }
    for (index, failure) in failures.enumerated() {
      lines.append("  failure\(index)([\"\(failure.event)\"])")
      lines.append("  \(id(failure.stage)) -.->|\"failed for good\"| failure\(index)")
    }
    return lines.joined(separator: "\n")
  }

  /// For Graphviz (https://graphviz.org/doc/info/lang.html).
  public var dot: String {
    let identifiers = self.identifiers
    func id(_ name: StageName) -> String { identifiers[name] ?? "" }
    var lines = ["digraph {", "  event [shape=oval, label=\"\(Self.quoted(trigger))\"];"]
    for stage in pipeline.ordered {
      let name = self.lines(of: stage).map(Self.quoted).joined(separator: "\\n")
      lines.append("  \(id(stage.name)) [shape=box, label=\"\(name)\"];")
      for (from, need) in sources(of: stage) {
        let label = label(of: stage, from: need)
        lines.append(
          "  \(from ?? "event") -> \(id(stage.name))\(label.isEmpty ? "" : " [label=\"\(Self.quoted(label))\"]");")
      }
    }
    for (index, emit) in pipeline.emits.enumerated() {
      lines.append("  emit\(index) [shape=oval, label=\"\(emit.event)\"];")
      for stage in emit.after { lines.append("  \(id(stage)) -> emit\(index) [style=dashed];") }
    }
    for (index, failure) in failures.enumerated() {
      lines.append("  failure\(index) [shape=oval, label=\"\(failure.event)\"];")
      lines.append("  \(id(failure.stage)) -> failure\(index) [style=dashed, label=\"failed for good\"];")
    }
    return (lines + ["}"]).joined(separator: "\n")
  }

  /// Where the arrows to a stage come from; nil for the trigger.
  private func sources(of stage: Stage) -> [(from: String?, need: StageName?)] {
    let identifiers = self.identifiers
    return stage.needs.isEmpty ? [(nil, nil)] : stage.needs.map { (identifiers[$0], $0) }
  }

  /// Mermaid ends a text at a quote; entities stand for what it would read otherwise.
  private static func escaped(_ text: String) -> String {
    text.replacing("#", with: "#35;").replacing("\"", with: "#quot;").replacing("<", with: "#lt;")
  }

  private static func quoted(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
  }
}
