import ArgumentParser
import WorkerKit

extension Dead {
  /// `dead replay`.
  struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Run dead letters again, with all their attempts before them.",
      discussion: """
        Jobs keep their ids. Replaying one twice runs it once: what has moved on since is left alone, and so is what \
        something newer has made out of date. --dry-run tells how many there are, by cause, and how many of them are \
        superseded. On a terminal, more than one is asked about first; --yes says yes beforehand.

        Examples:
          millrace dead replay 01KAM0Z9W3K1S8X6D9J5R2T4V7-scan \\
            --by ada --reason "the scanner is back"
          millrace dead replay --fingerprint media.scan:3fa9c1d2e4b5 --dry-run
          millrace dead replay --fingerprint media.scan:3fa9c1d2e4b5 --canary \\
            --by ada --reason "the scanner is back"
          millrace dead replay --stage thumbnails --kind transient \\
            --by ada --reason "fixed in 1.4"
          millrace dead replay --all --yes --by ada --reason "the disk was full"
        """)

    @Argument(help: "The jobs' ids.")
    var ids: [String] = []
    @Flag(help: "All dead letters, or all that the other options name; alone it needs --yes.")
    var all = false
    @OptionGroup var selection: SelectionOptions
    @Option(help: "Only failures of this kind: transient, permanent, poison, crash or deadline.")
    var kind: String?
    @Option(help: ArgumentHelp("Only jobs that failed then or later (RFC 3339).", valueName: "time"))
    var since: String?
    @Option(help: ArgumentHelp("Only jobs that failed before (RFC 3339).", valueName: "time"))
    var until: String?
    @Flag(help: "Only tell what would be replayed.")
    var dryRun = false
    @Flag(help: "Replay one first, and the rest only if it succeeds.")
    var canary = false
    @Flag(help: "Do not ask.")
    var yes = false
    @OptionGroup var blame: BlameOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var server: ServerOptions

    private var isNarrowed: Bool { selection.isNarrowed || [kind, since, until].contains { $0 != nil } }

    func validate() throws {
      if (all || isNarrowed) != ids.isEmpty {
        throw ValidationError("Name the jobs to replay, or what they have in common, or say --all, but not both.")
      }
      if !ids.isEmpty, dryRun || canary || selection.limit != nil {
        throw ValidationError("--dry-run, --canary and --limit go with what jobs have in common.")
      }
      if all, !isNarrowed, !yes, !dryRun, !Confirmation.isPossible {
        throw ValidationError("--all replays every dead letter there is; say --yes as well, or --dry-run.")
      }
      try blame.check(isPreview: dryRun)
    }

    func run() async throws {
      let server = try server.connect()
      if dryRun { return try await preview(on: server) }
      let answers = ids.isEmpty ? try await replayFound(on: server) : try await replay(ids, on: server)
      output.show(.object(["jobs": .array(answers)])) { Self.describe($0.elements("jobs")) }
      let left = answers.count { $0.cell("status") != "replayed" }
      if left > 0 { throw CommandError.failed("\(left) of \(answers.count) jobs were not replayed") }
    }

    private func preview(on server: ServerConnection) async throws {
      let page = try await page(of: server, limit: selection.limit ?? .max, before: .null)
      output.show(page) { Self.describe(preview: $0) }
    }

    private func replay(_ ids: [String], on server: ServerConnection) async throws(CommandError) -> [JSON] {
      var answers: [JSON] = []
      for start in stride(from: 0, to: ids.count, by: 500) {
        let chunk = ids[start..<min(start + 500, ids.count)]
        answers += try await replay(chunk.map { .object(["id": .string($0)]) }, on: server)
      }
      return answers
    }

    /// Previews page by page, and replays each page's jobs under the fences that it showed.
    private func replayFound(on server: ServerConnection) async throws(CommandError) -> [JSON] {
      var (answers, before, count) = ([JSON](), JSON.null, 0)
      repeat {
        let page = try await page(of: server, limit: (selection.limit ?? .max) - count, before: before)
        let jobs = page.elements("jobs")
        if before == .null, jobs.count > 1, !yes, Confirmation.isPossible {
          Console.complain(Self.describe(preview: page))
          try Confirmation.ask("Replay them?")
        }
        count += jobs.count
        if canary, before == .null {
          answers = try await replay(Array(jobs.prefix(1)), on: server)
          try await ReplayCanary(server: server).wait(for: answers.first)
        }
        answers += try await replay(Array(jobs.dropFirst(canary && before == .null ? 1 : 0)), on: server)
        before = page["next_before"] ?? .null
      } while before != .null && count < selection.limit ?? .max
      return answers
    }

    private func page(of server: ServerConnection, limit: Int, before: JSON) async throws(CommandError) -> JSON {
      var members = selection.members
      members["kind"] = kind.map { .string($0) }
      members["since"] = since.map { .string($0) }
      members["until"] = until.map { .string($0) }
      members["all"] = .bool(all)
      members["dry_run"] = true
      members["limit"] = .integer(Int64(min(500, limit)))
      members["before"] = before
      return try await server.post("/v1/dead/replay", .object(members))
    }

    /// Replays jobs under the fences that were seen, where they were seen.
    private func replay(_ jobs: [JSON], on server: ServerConnection) async throws(CommandError) -> [JSON] {
      guard !jobs.isEmpty else { return [] }
      var members = blame.members
      members["jobs"] = .array(jobs)
      return try await server.post("/v1/dead/replay", .object(members)).elements("jobs")
    }

    private static func describe(preview page: JSON) -> String {
      guard page.count("count") > 0 else { return "There are no such dead letters." }
      let isMore = page["next_before"] != nil && page["next_before"] != .null
      let head =
        "\(Plural.text(Int(page.count("count")), "dead letter"))\(isMore ? ", and there are more" : ""); "
        + "\(page.cell("superseded")) of them superseded"
      return head + "\n" + Groups.table(page.elements("groups"))
    }

    private static func describe(_ answers: [JSON]) -> String {
      guard !answers.isEmpty else { return "There are no such dead letters." }
      var table = Table("ID", "STATUS")
      for answer in answers { table.add(answer.cell("id"), answer.cell("status")) }
      return table.text
    }
  }
}
