import ArgumentParser
import WorkerKit

extension Jobs {
  /// `jobs cancel`.
  struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "End jobs that nobody wants any more, and what needs them.",
      discussion: """
        Jobs that wait end at once. One that is at work is told at its host's next renewal, within a third of its \
        lease; what it does until then is not recorded. Stages that need a cancelled job are cancelled with it.

        Jobs are named by their ids, or by what they have in common. On a terminal, more than one found so is asked \
        about first; --yes says yes beforehand.

        Examples:
          millrace jobs cancel 01KAM0Z9W3K1S8X6D9J5R2T4V7-scan \\
            --by ada --reason "the file was withdrawn"
          millrace jobs cancel --pipeline media --stage scan --state queued --dry-run
          millrace jobs cancel --tenant acme --yes \\
            --by ada --reason "the account is closed"
        """)

    @Argument(help: "The jobs' ids.")
    var ids: [String] = []
    @Option(help: "Only jobs in these states, separated by commas: pending, queued, running.")
    var state: String?
    @OptionGroup var selection: SelectionOptions
    @Flag(help: "Only tell which jobs there are.")
    var dryRun = false
    @Flag(help: "Do not ask.")
    var yes = false
    @OptionGroup var blame: BlameOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var server: ServerOptions

    private var isFiltered: Bool { selection.isNarrowed || state != nil }

    func validate() throws {
      if isFiltered != ids.isEmpty {
        throw ValidationError("Name the jobs to cancel, or what they have in common, but not both.")
      }
      if !ids.isEmpty, dryRun || selection.limit != nil {
        throw ValidationError("--dry-run and --limit go with what jobs have in common.")
      }
      try blame.check(isPreview: dryRun)
    }

    func run() async throws {
      let server = try server.connect()
      guard isFiltered else { return try await CancelById("jobs", ids, blame).run(on: server, output) }
      if dryRun { return try await preview(on: server) }
      if !yes, Confirmation.isPossible { try await ask(on: server) }
      var (answers, running, before) = ([String: Int64](), [JSON](), JSON.null)
      var count = 0
      repeat {
        let answer = try await server.post("/v1/jobs/cancel", wish(limit: (selection.limit ?? .max) - count, before))
        count += Int(answer.count("count"))
        running += answer.elements("running")
        for (word, number) in answer.counts("answers") { answers[word, default: 0] += number }
        before = answer["next_before"] ?? .null
      } while before != .null && count < selection.limit ?? .max
      let total = JSON.object([
        "count": .integer(Int64(count)), "answers": .object(answers.mapValues { .integer($0) }),
        "running": .array(running),
      ])
      output.show(total) { _ in CancelDescription.text(count: count, answers, running: running) }
      if let left = answers["unreadable"] {
        throw CommandError.failed("\(left) jobs are of pipelines that cannot be read here; cancel their runs")
      }
    }

    private func preview(on server: ServerConnection) async throws {
      let answer = try await server.post("/v1/jobs/cancel", wish(limit: selection.limit ?? .max, .null))
      output.show(answer) { answer in
        guard answer.count("count") > 0 else { return "There are no such jobs." }
        return CancelDescription.found(answer) + "\n" + JobDescription.rows(answer.elements("sample"))
      }
    }

    private func ask(on server: ServerConnection) async throws(CommandError) {
      guard case .object(var members) = wish(limit: selection.limit ?? .max, .null) else { return }
      members["dry_run"] = true
      let answer = try await server.post("/v1/jobs/cancel", .object(members))
      guard answer.count("count") > 1 else { return }
      Console.complain(JobDescription.rows(answer.elements("sample")))
      try Confirmation.ask("Cancel \(CancelDescription.found(answer))?")
    }

    private func wish(limit: Int, _ before: JSON) -> JSON {
      var members = selection.members.merging(blame.members) { own, _ in own }
      members["state"] = state.map { .string($0) }
      members["dry_run"] = .bool(dryRun)
      members["limit"] = .integer(Int64(min(1000, limit)))
      members["before"] = before
      return .object(members)
    }
  }
}

/// Cancels jobs or runs one by one.
struct CancelById {
  private let kind: String
  private let ids: [String]
  private let blame: BlameOptions

  /// `kind` is `jobs` or `runs`.
  init(_ kind: String, _ ids: [String], _ blame: BlameOptions) {
    (self.kind, self.ids, self.blame) = (kind, ids, blame)
  }

  /// Cancels, shows what came of it, and throws where something was not cancelled.
  func run(on server: ServerConnection, _ output: OutputOptions) async throws {
    var answers: [JSON] = []
    for id in ids {
      let path = "/v1/\(kind)/\(ServerConnection.escaped(id))/cancel"
      do throws(CommandError) {
        answers.append(try await server.post(path, .object(blame.members)))
      } catch {
        guard error.problem == "not_found" else { throw error }
        answers.append(["id": .string(id), "status": "missing", "jobs": [], "running": []])
      }
    }
    output.show(.object([kind: .array(answers)])) { all in
      var table = Table("ID", "STATUS", "JOBS", "STILL RUNNING")
      for answer in all.elements(kind) {
        table.add(
          answer.cell("id"), answer.cell("status"), String(answer.elements("jobs").count),
          String(answer.elements("running").count))
      }
      return table.text
    }
    let left = answers.count { $0.cell("status") != "cancelled" }
    if left > 0 { throw CommandError.failed("\(left) of \(answers.count) \(kind) were not cancelled") }
  }
}

/// What cancelling came to, in words.
enum CancelDescription {
  /// How many jobs a preview found.
  static func found(_ answer: JSON) -> String {
    let isMore = answer["next_before"] != nil && answer["next_before"] != .null
    return
      "\(Plural.text(Int(answer.count("count")), "job"))\(isMore ? ", and there are more" : "")"
  }

  /// What a cancellation of many jobs did.
  static func text(count: Int, _ answers: [String: Int64], running: [JSON]) -> String {
    guard count > 0 else { return "There are no such jobs." }
    var lines = answers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    if !running.isEmpty { lines.append("still running until their next renewal: \(running.count)") }
    return lines.joined(separator: "\n")
  }
}
