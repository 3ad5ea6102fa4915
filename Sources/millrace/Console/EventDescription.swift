import WorkerKit

/// Events and runs as a person reads them.
enum EventDescription {
  /// A page of events.
  static func table(_ page: JSON) -> String {
    var table = Table("ID", "TYPE", "VERSION", "TENANT", "RECORDED", "ROUTED")
    for event in page.elements("events") {
      table.add(
        event.cell("id"), event.cell("type"), event.cell("version"), event.cell("tenant_id"),
        event.cell("recorded_at"), event.cell("routed_at"))
    }
    let text = page.elements("events").isEmpty ? "There are no such events here." : table.text
    return text + more(page)
  }

  /// A page of runs.
  static func runs(_ page: JSON) -> String {
    guard !page.elements("runs").isEmpty else { return "There are no such runs here." + more(page) }
    var table = Table("ID", "STATE", "PIPELINE", "TENANT", "EVENT", "CREATED", "FINISHED")
    for run in page.elements("runs") {
      table.add(
        run.cell("id"), run.cell("state"), run.cell("pipeline"), run.cell("tenant_id"), run.cell("event_id"),
        run.cell("created_at"), run.cell("finished_at"))
    }
    return table.text + more(page)
  }

  /// An event and what it led to.
  static func page(_ answer: JSON) -> String {
    let event = answer["event"].map { "event:\n\($0.prettyText())" } ?? ""
    let head = "recorded  \(answer.cell("recorded_at"))\nrouted    \(answer.cell("routed_at"))"
    return ([event, head] + answer.elements("runs").map { run($0) }).joined(separator: "\n\n")
  }

  /// A run and its stages.
  static func run(_ run: JSON) -> String {
    let fields = [
      "id", "state", "pipeline", "revision", "event_id", "tenant_id", "replay_id", "created_at", "finished_at",
    ]
    let head = fields.filter { run[$0] != nil && run[$0] != .null }.map { name in
      name + String(repeating: " ", count: max(1, 12 - name.count)) + run.cell(name)
    }
    let problems = run.elements("problems").map { if case .string(let text) = $0 { "problem: " + text } else { "" } }
    var table = Table("STAGE", "STATE", "JOB", "ATTEMPTS", "REASON")
    for stage in run.elements("stages") {
      table.add(
        stage.cell("stage"), stage.cell("state"), stage["job"]?.cell("id") ?? "-",
        stage["job"]?.cell("attempts") ?? "-", reason(stage))
    }
    return (head + problems + [table.text]).joined(separator: "\n")
  }

  /// Why a stage has no job, why its job waits or was ended, or what went wrong with it last.
  private static func reason(_ stage: JSON) -> String {
    let reasons = [stage["reason"], stage["job"]?["waiting_reason"], stage["job"]?["failure"]?["message"]]
    guard case .string(let reason)? = reasons.compactMap({ $0 }).first(where: { $0 != .null }) else { return "-" }
    return PlainText.line(reason)
  }

  private static func more(_ page: JSON) -> String {
    guard page["next_before"] != nil, page["next_before"] != .null else { return "" }
    return "\nThere may be more: --before \(page.cell("next_before"))"
  }
}
