import ArgumentParser
import WorkerKit

extension Dead {
  /// `dead groups`.
  struct Groups: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List dead letters by cause: one line for all that failed for the same reason.",
      discussion: """
        Two failures have the same cause, and fingerprint, when worker, kind, code and message are the same but for \
        numbers, ids, paths and quoted parts.

        Examples:
          millrace dead groups
          millrace dead groups --pipeline media --since 2026-11-21T00:00:00Z --json
        """)

    @OptionGroup var jobs: JobOptions
    @Option(help: "Only jobs of this worker.")
    var worker: String?
    @Option(help: ArgumentHelp("Only jobs that failed then or later (RFC 3339).", valueName: "time"))
    var since: String?
    @Option(help: ArgumentHelp("Only jobs that failed before (RFC 3339).", valueName: "time"))
    var until: String?
    @OptionGroup var output: OutputOptions
    @OptionGroup var server: ServerOptions

    func run() async throws {
      let query = jobs.query + [("worker", worker), ("since", since), ("until", until)]
      output.show(try await server.connect().get("/v1/dead/groups", query: query)) { Self.describe($0) }
    }

    private static func describe(_ answer: JSON) -> String {
      let groups = answer.elements("groups")
      guard !groups.isEmpty else { return "There are no such dead letters." }
      let text = table(groups)
      return answer["is_complete"] == true ? text : text + "\nThere are more than the newest \(answer.cell("count"))."
    }

    /// Groups as rows.
    static func table(_ groups: [JSON]) -> String {
      var table = Table("COUNT", "FINGERPRINT", "KIND", "CODE", "FIRST", "LAST", "SAMPLE", "MESSAGE")
      for group in groups {
        table.add(
          group.cell("count"), group.cell("fingerprint"), group.cell("kind"), group.cell("code"),
          group.cell("first_at"), group.cell("last_at"), group.cell("sample"), group.cell("message"))
      }
      return table.text
    }
  }
}
