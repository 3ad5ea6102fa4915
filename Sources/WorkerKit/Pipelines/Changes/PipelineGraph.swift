/// A drawing of a pipeline: its stages, what they need, their conditions, and what is emitted.
public struct PipelineGraph: Sendable {
  private let pipeline: Pipeline

  /// Draws a pipeline.
  public init(_ pipeline: Pipeline) { self.pipeline = pipeline }

  /// For a terminal: each stage once, below the first that it needs; its other needs stand behind it.
  public var text: String {
    var lines = ["\(pipeline.name), on \(pipeline.trigger.event)"]
    for stage in pipeline.ordered where stage.needs.isEmpty { draw(stage, indent: "", into: &lines) }
    lines += pipeline.emits.map { "emits \($0.event) after \($0.after.map(\.rawValue).joined(separator: ", "))" }
    return lines.joined(separator: "\n")
  }

  private func draw(_ stage: Stage, indent: String, into lines: inout [String]) {
    let arrow = indent.isEmpty ? "" : "└─ "
    lines.append("\(indent)\(arrow)\(stage.name) (\(stage.worker))\(remarks(stage))")
    let below = pipeline.ordered.filter { $0.needs.first == stage.name }
    for next in below { draw(next, indent: indent + "   ", into: &lines) }
  }

  private func remarks(_ stage: Stage) -> String {
    let others = stage.needs.dropFirst().map(\.rawValue)
    let needs = others.isEmpty ? [] : ["and needs \(others.joined(separator: ", "))"]
    let conditions = stage.when.map { "when \($0.words)" }
    return (needs + conditions).map { ", \($0)" }.joined()
  }

  /// For Mermaid (https://mermaid.js.org/syntax/flowchart.html).
  public var mermaid: String {
    let identifiers = self.identifiers
    func id(_ name: StageName) -> String { identifiers[name] ?? "" }
    var lines = ["flowchart TD", "  event([\"\(pipeline.trigger.event)\"])"]
    for stage in pipeline.ordered {
      lines.append("  \(id(stage.name))[\"\(stage.name)<br/>\(stage.worker)\"]")
      let label = stage.when.isEmpty ? "" : "|\"\(Self.escaped(condition(of: stage)))\"|"
      if stage.needs.isEmpty { lines.append("  event -->\(label) \(id(stage.name))") }
      for need in stage.needs { lines.append("  \(id(need)) -->\(label) \(id(stage.name))") }
    }
    for (index, emit) in pipeline.emits.enumerated() {
      lines.append("  emit\(index)([\"\(emit.event)\"])")
      for stage in emit.after { lines.append("  \(id(stage)) -.-> emit\(index)") }
    }
    return lines.joined(separator: "\n")
  }

  /// For Graphviz (https://graphviz.org/doc/info/lang.html).
  public var dot: String {
    let identifiers = self.identifiers
    func id(_ name: StageName) -> String { identifiers[name] ?? "" }
    var lines = ["digraph {", "  event [shape=oval, label=\"\(pipeline.trigger.event)\"];"]
    for stage in pipeline.ordered {
      lines.append("  \(id(stage.name)) [shape=box, label=\"\(stage.name)\\n\(stage.worker)\"];")
      let words = condition(of: stage).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      let label = stage.when.isEmpty ? "" : " [label=\"\(words)\"]"
      if stage.needs.isEmpty { lines.append("  event -> \(id(stage.name))\(label);") }
      for need in stage.needs { lines.append("  \(id(need)) -> \(id(stage.name))\(label);") }
    }
    for (index, emit) in pipeline.emits.enumerated() {
      lines.append("  emit\(index) [shape=oval, label=\"\(emit.event)\"];")
      for stage in emit.after { lines.append("  \(id(stage)) -> emit\(index) [style=dashed];") }
    }
    return (lines + ["}"]).joined(separator: "\n")
  }

  /// Names that are words to either language, whatever a stage is called: `end` is none to Mermaid.
  private var identifiers: [StageName: String] {
    Dictionary(uniqueKeysWithValues: pipeline.ordered.enumerated().map { ($0.element.name, "stage\($0.offset)") })
  }

  private func condition(of stage: Stage) -> String { stage.when.map(\.words).joined(separator: " and ") }

  /// Mermaid ends a text at a quote; entities stand for what it would read otherwise.
  private static func escaped(_ text: String) -> String {
    text.replacing("#", with: "#35;").replacing("\"", with: "#quot;").replacing("<", with: "#lt;")
  }
}

extension Stage.Condition {
  /// The condition in a few words: `scan.verdict is "infected"`.
  fileprivate var words: String {
    pattern.combinations.map { leaves in
      leaves.map { leaf in
        let path = ([root] + leaf.path).joined(separator: ".")
        guard let tests = leaf.tests else { return "\(path) is absent" }
        return "\(path) is \(tests.map(\.description).joined(separator: " or "))"
      }.joined(separator: " and ")
    }.joined(separator: ", or ")
  }
}
