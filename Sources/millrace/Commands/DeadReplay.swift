import ArgumentParser
import WorkerKit

extension Dead {
  /// `dead replay`.
  struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Run dead letters again, with all their attempts before them.",
      discussion: """
        Jobs keep their ids. Replaying one twice runs it once: what has moved on since is left alone.

        Examples:
          millrace dead replay 01KAM0Z9W3K1S8X6D9J5R2T4V7 --by ada --reason "the scanner is back"
          millrace dead replay --all --stage thumbnails --by ada --reason "fixed in 1.4"
        """)

    @Argument(help: "The jobs' ids.")
    var ids: [String] = []
    @Flag(help: "All dead letters that --tenant, --pipeline and --stage name; everything where none is given.")
    var all = false
    @Option(help: "Who asks; kept with the replay.")
    var by: String
    @Option(help: "Why; kept with the replay.")
    var reason: String
    @Option(help: "With --all: only jobs of this tenant.")
    var tenant: String?
    @Option(help: "With --all: only jobs of this pipeline.")
    var pipeline: String?
    @Option(help: "With --all: only jobs of this stage.")
    var stage: String?
    @OptionGroup var output: OutputOptions
    @OptionGroup var server: ServerOptions

    func validate() throws {
      if all != ids.isEmpty { throw ValidationError("Name the jobs to replay, or say --all, but not both.") }
      let isNarrowed = [tenant, pipeline, stage].contains { $0 != nil }
      if !all, isNarrowed { throw ValidationError("--tenant, --pipeline and --stage go with --all.") }
      if by.isEmpty || reason.isEmpty { throw ValidationError("--by and --reason must not be empty.") }
    }

    func run() async throws {
      let server = try server.connect()
      var answers: [JSON] = []
      if all {
        var before: String?
        repeat {
          let page = try await page(of: server, before: before)
          answers += try await replay(page.elements("jobs"), on: server)
          before = if case .string(let next)? = page["next_before"] { next } else { nil }
        } while before != nil
      } else {
        for start in stride(from: 0, to: ids.count, by: 500) {
          let chunk = ids[start..<min(start + 500, ids.count)]
          answers += try await replay(chunk.map { .object(["id": .string($0)]) }, on: server)
        }
      }
      output.show(.object(["jobs": .array(answers)])) { Self.describe($0.elements("jobs")) }
      let left = answers.count { $0.cell("status") != "replayed" }
      if left > 0 { throw CommandError.failed("\(left) of \(answers.count) jobs were not replayed") }
    }

    private func page(of server: ServerConnection, before: String?) async throws(CommandError) -> JSON {
      try await server.get(
        "/v1/dead",
        query: [
          ("tenant_id", tenant), ("pipeline", pipeline), ("stage", stage), ("limit", "500"), ("before", before),
        ])
    }

    /// Replays jobs under the fences that were seen, where they were seen.
    private func replay(_ jobs: [JSON], on server: ServerConnection) async throws(CommandError) -> [JSON] {
      guard !jobs.isEmpty else { return [] }
      let wanted = jobs.map { job in
        JSON.object(["id": job["id"] ?? .null, "fence": job["fence"] ?? .null])
      }
      let wish = JSON.object(["jobs": .array(wanted), "by": .string(by), "reason": .string(reason)])
      return try await server.post("/v1/dead/replay", wish).elements("jobs")
    }

    private static func describe(_ answers: [JSON]) -> String {
      guard !answers.isEmpty else { return "There are no such dead letters." }
      var table = Table("ID", "STATUS")
      for answer in answers { table.add(answer.cell("id"), answer.cell("status")) }
      return table.text
    }
  }
}
