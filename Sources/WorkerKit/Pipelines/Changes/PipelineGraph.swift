/// A drawing of a pipeline: what starts it, its stages, what they need and when they run, and what is emitted.
public struct PipelineGraph: Sendable {
  let pipeline: Pipeline

  /// Draws a pipeline.
  public init(_ pipeline: Pipeline) { self.pipeline = pipeline }

  /// For a terminal: each stage once, below the first that it needs; its other needs stand behind it.
  public var text: String {
    var lines = ["\(pipeline.name), on \(trigger)"]
    for stage in pipeline.ordered where stage.needs.isEmpty { draw(stage, indent: "", into: &lines) }
    lines += pipeline.emits.map { "emits \($0.event) after \($0.after.map(\.rawValue).joined(separator: ", "))" }
    lines += failures.map { "emits \($0.event) when \($0.stage) has failed for good" }
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
    let ends = stage.needs.compactMap { need in joined(stage, need).map { "\(need) \($0)" } }
    let each = stage.each.map { ["for each of \($0.list)"] } ?? []
    let conditions = stage.when.map { "when \($0.words)" }
    let ifs = ends.isEmpty ? [] : ["if \(ends.joined(separator: " and "))"]
    return (each + needs + ifs + conditions + flow(of: stage))
      .map { ", \($0)" }.joined()
  }

  /// What starts a run, in a few words.
  var trigger: String {
    guard let schedule = pipeline.trigger.schedule else { return pipeline.trigger.event }
    return "\(schedule.cron) (\(schedule.timeZone))"
  }

  /// The events of `on_failure`.
  var failures: [(event: String, stage: StageName)] {
    pipeline.ordered.compactMap { stage in stage.policy.onFailure.map { ($0.event, stage.name) } }
  }

  /// Who takes turns in the stage, and its limits, in words.
  private func flow(of stage: Stage) -> [String] {
    [stage.policy.fairBy?.words].compactMap { $0 } + (stage.policy.limits ?? []).map(\.words)
  }

  /// The stage's name, its worker, its list, whose turns and its limits, each a line.
  func lines(of stage: Stage) -> [String] {
    [stage.name.rawValue, stage.worker.rawValue] + (stage.each.map { ["for each of \($0.list)"] } ?? [])
      + flow(of: stage)
  }

  /// What stands at an arrow from a need, or from the trigger: which ends count where not success alone, and when.
  func label(of stage: Stage, from need: StageName?) -> String {
    let ends = need.flatMap { joined(stage, $0) }.map { [$0] } ?? []
    return (ends + stage.when.map(\.words)).joined(separator: " and ")
  }

  private func joined(_ stage: Stage, _ need: StageName) -> String? {
    stage.join[need].map { ends in
      NeedEnd.allCases.filter(ends.contains).map(\.rawValue).joined(separator: " or ")
    }
  }

  /// Names that are words to any drawing language, whatever a stage is called: `end` is none to Mermaid.
  var identifiers: [StageName: String] {
    Dictionary(uniqueKeysWithValues: pipeline.ordered.enumerated().map { ($0.element.name, "stage\($0.offset)") })
  }
}

extension Stage.Condition {
  /// The condition in a few words: `scan.verdict is "infected"`.
  var words: String {
    pattern.combinations.map { leaves in
      leaves.map { leaf in
        let path = ([root] + leaf.path).joined(separator: ".")
        guard let tests = leaf.tests else { return "\(path) is absent" }
        return "\(path) is \(tests.map(\.description).joined(separator: " or "))"
      }.joined(separator: " and ")
    }.joined(separator: ", or ")
  }
}
