import WorkerKit

/// Jobs as a person reads them.
enum JobDescription {
  /// A page of a list.
  static func table(_ page: JSON) -> String {
    let jobs = page.elements("jobs")
    guard !jobs.isEmpty else { return "There are no such jobs." }
    var table = Table("ID", "STATE", "PIPELINE", "STAGE", "TENANT", "ATTEMPTS", "CREATED", "FAILURE")
    for job in jobs {
      table.add(
        job.cell("id"), job.cell("state"), job.cell("pipeline"), job.cell("stage"), job.cell("tenant_id"),
        job.cell("attempts"), job.cell("created_at"), job["failure"]?.cell("code") ?? "-")
    }
    guard page["next_before"] != nil, page["next_before"] != .null else { return table.text }
    return table.text + "\nThere are more: --before \(page.cell("next_before"))"
  }

  /// Everything about one job.
  static func page(_ job: JSON) -> String {
    let fields = [
      "id", "state", "pipeline", "stage", "worker", "queue", "tenant_id", "run_id", "revision", "attempts", "losses",
      "fence", "created_at", "due_at", "started_at", "finished_at", "waiting_for",
    ]
    let head = fields.filter { job[$0] != nil && job[$0] != .null }.map { line($0, job.cell($0)) }
    var parts = [head.joined(separator: "\n")]
    if let failure = job["failure"], failure != .null {
      let fields = failure["fields"].map { " " + $0.text() } ?? ""
      parts.append(
        line("failure", "\(failure.cell("kind")) \(failure.cell("code")): \(failure.cell("message"))\(fields)"))
    }
    for key in ["input", "output", "artifacts"] {
      if let value = job[key], value != .null, value != .array([]) { parts.append("\(key):\n\(value.prettyText())") }
    }
    parts.append(history(job.elements("history")))
    return parts.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private static func line(_ name: String, _ value: String) -> String {
    name + String(repeating: " ", count: max(1, 12 - name.count)) + value
  }

  private static func history(_ attempts: [JSON]) -> String {
    guard !attempts.isEmpty else { return "" }
    var table = Table("ATTEMPT", "FENCE", "OUTCOME", "STARTED", "FINISHED", "FAILURE")
    for attempt in attempts {
      table.add(
        attempt.cell("attempt"), attempt.cell("fence"), attempt.cell("outcome"), attempt.cell("started_at"),
        attempt.cell("finished_at"), attempt["failure"]?.cell("code") ?? "-")
    }
    return "history:\n" + table.text
  }
}
