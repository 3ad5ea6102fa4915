import ArgumentParser
import WorkerKit

/// Dead letters: jobs that failed for good.
struct Dead: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dead", abstract: "Look at dead letters, and run them again.",
    discussion: """
      A dead letter is a job that ended FAILED or TIMED_OUT. It stays until somebody replays it, or until its run \
      is older than the server keeps them (serve --keep-dead).

      Examples:
        millrace dead groups
        millrace dead list --pipeline media
        millrace dead show 01KAM0Z9W3K1S8X6D9J5R2T4V7-scan
        millrace dead replay 01KAM0Z9W3K1S8X6D9J5R2T4V7-scan \\
          --by ada --reason "the scanner is back"
      """, subcommands: [List.self, Groups.self, Show.self, Replay.self])

  /// `dead list`.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List dead letters, newest first.",
      discussion: """
        Examples:
          millrace dead list
          millrace dead list --stage thumbnails --json
        """)

    @OptionGroup var page: PageOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var server: ServerOptions

    func run() async throws {
      let answer = try await server.connect().get("/v1/dead", query: page.query)
      output.show(answer) { answer in
        answer.elements("jobs").isEmpty ? "There are no such dead letters." : JobDescription.table(answer)
      }
    }
  }

  /// `dead show`.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show everything about one dead letter.",
      discussion: """
        Example:
          millrace dead show 01KAM0Z9W3K1S8X6D9J5R2T4V7-scan
        """)

    @Argument(help: "The job's id.")
    var id: String
    @OptionGroup var output: OutputOptions
    @OptionGroup var server: ServerOptions

    func run() async throws {
      let job = try await server.connect().get(id, of: "jobs")
      output.show(job) { JobDescription.page($0) }
      guard ["FAILED", "TIMED_OUT"].contains(job.cell("state")) else {
        throw CommandError.failed("this job is not a dead letter: it is \(job.cell("state"))")
      }
    }
  }
}
