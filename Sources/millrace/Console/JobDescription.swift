import WorkerKit

/// Jobs as a person reads them.
enum JobDescription {
  /// A page of a list.
  static func table(_ page: JSON) -> String {
    let jobs = page.elements("jobs")
    guard page["next_before"] != nil, page["next_before"] != .null else {
      return jobs.isEmpty ? "There are no such jobs." : rows(jobs)
    }
    guard !jobs.isEmpty else {
      return "There are no such jobs among the newest. There may be older ones: --before \(page.cell("next_before"))"
    }
    return rows(jobs) + "\nThere are more: --before \(page.cell("next_before"))"
  }

  /// Jobs as rows.
  static func rows(_ jobs: [JSON]) -> String {
    var table = Table("ID", "STATE", "PIPELINE", "STAGE", "TENANT", "ATTEMPTS", "CREATED", "FAILURE")
    for job in jobs {
      table.add(
        job.cell("id"), job.cell("state"), job.cell("pipeline"), job.cell("stage"), job.cell("tenant_id"),
        job.cell("attempts"), job.cell("created_at"), job["failure"]?.cell("code") ?? "-")
    }
    return table.text
  }

  /// Everything about one job.
  static func page(_ job: JSON, logLines: Int = 0) -> String {
    let fields = [
      "id", "state", "held_by", "pipeline", "stage", "index", "worker", "queue", "priority", "tenant_id", "run_id",
      "revision", "attempts", "losses",
      "fence", "created_at", "due_at", "started_at", "finished_at",
    ]
    let head = fields.filter { job[$0] != nil && job[$0] != .null }.map { line($0, job.cell($0)) }
    var parts = [head.joined(separator: "\n")]
    parts += keys(job) + [waiting(job), progress(job)]
    if let failure = job["failure"], failure != .null {
      let fields = failure["fields"].map { " " + $0.text() } ?? ""
      parts.append(
        line("failure", "\(failure.cell("kind")) \(failure.cell("code")): \(failure.cell("message"))\(fields)"))
      parts.append(line("fingerprint", job.cell("fingerprint")))
    }
    for key in ["input", "output", "artifacts"] {
      if let value = job[key], value != .null, value != .array([]) { parts.append("\(key):\n\(value.prettyText())") }
    }
    parts.append(history(job.elements("history")))
    parts.append(audit(job.elements("audit")))
    if logLines > 0 { parts.append(log(job, lines: logLines)) }
    return parts.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private static func line(_ name: String, _ value: String) -> String {
    name + String(repeating: " ", count: max(1, 12 - name.count)) + PlainText.line(value)
  }

  /// What orders it among others.
  private static func keys(_ job: JSON) -> [String] {
    ["serial_by", "coalesce", "execution"].compactMap { key in
      guard let value = job["keys"]?[key], value != .null else { return nil }
      return line(key, job["keys"]?.cell(key) ?? "")
    }
  }

  /// Why it waits, or was ended, and who said so.
  private static func waiting(_ job: JSON) -> String {
    guard let reason = job["waiting_reason"], reason != .null else { return "" }
    let name = ["PENDING", "QUEUED", "RUNNING"].contains(job.cell("state")) ? "waits" : "because"
    let cancel = job.elements("audit").last { $0["action"] == "cancel" }
    guard job["waiting_for"] == "cancelled", let cancel else { return line(name, job.cell("waiting_reason")) }
    return line(name, "\(cancel.cell("by")) cancelled it: \(cancel.cell("reason"))")
  }

  /// How far it has come.
  private static func progress(_ job: JSON) -> String {
    guard let progress = job["progress"], progress != .null else { return "" }
    let fraction: Double? =
      switch progress["fraction"] {
      case .double(let number)?: number
      case .integer(let number)?: Double(number)
      default: nil
      }
    let message = progress["message"] == .null ? "" : progress.cell("message")
    let parts = [fraction.map { ProgressBar.text($0) } ?? "", message]
    return line("progress", parts.filter { !$0.isEmpty }.joined(separator: "  "))
  }

  /// The last lines of its log.
  private static func log(_ job: JSON, lines: Int) -> String {
    guard case .string(let log)? = job["log"], !log.isEmpty else { return "log: nothing was written" }
    return "log:\n" + log.split(separator: "\n").suffix(lines).joined(separator: "\n")
  }

  private static func audit(_ records: [JSON]) -> String {
    guard !records.isEmpty else { return "" }
    var table = Table("AT", "BY", "ACTION", "FENCE", "REASON")
    for record in records {
      table.add(
        record.cell("at"), record.cell("by"), record.cell("action"), record.cell("fence"), record.cell("reason"))
    }
    return "audit:\n" + table.text
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
