import ArgumentParser
import WorkerKit

/// Runs: what events have started.
struct Runs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs", abstract: "Look at runs of pipelines, and cancel them.",
    discussion: """
      Examples:
        millrace runs list --state failed
        millrace runs show 01KAM0Z9W3K1S8X6D9J5R2T4V7
      """, subcommands: [List.self, Show.self, Cancel.self])

  /// `runs list`.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List runs, newest first.",
      discussion: """
        Examples:
          millrace runs list --pipeline media --limit 20
          millrace runs list --replay 01KAM0Z9W3K1S8X6D9J5R2T4V7 --json
        """)

    @Option(help: "Only runs that stand so: running, succeeded, failed or cancelled.")
    var state: String?
    @Option(help: "Only runs of this tenant.")
    var tenant: String?
    @Option(help: "Only runs of this pipeline.")
    var pipeline: String?
    @Option(help: "Only runs that this replay of events has made.")
    var replay: String?
    @Option(help: "How many runs at most, 1 to 1000.")
    var limit = 50
    @Option(help: "Only runs older than the one with this id: the next page.")
    var before: String?
    @OptionGroup var output: OutputOptions
    @OptionGroup var server: ServerOptions

    func run() async throws {
      let query = [
        ("state", state), ("tenant_id", tenant), ("pipeline", pipeline), ("replay_id", replay),
        ("limit", String(limit)), ("before", before),
      ]
      output.show(try await server.connect().get("/v1/runs", query: query)) { EventDescription.runs($0) }
    }
  }

  /// `runs show`.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show a run with its stages: their jobs, and why others have none.",
      discussion: """
        Example:
          millrace runs show 01KAM0Z9W3K1S8X6D9J5R2T4V7
        """)

    @Argument(help: "The run's id.")
    var id: String
    @OptionGroup var output: OutputOptions
    @OptionGroup var server: ServerOptions

    func run() async throws {
      let run = try await server.connect().get(id, of: "runs")
      output.show(run) { EventDescription.run($0) }
    }
  }
}
