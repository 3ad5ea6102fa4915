import ArgumentParser
import WorkerKit

/// Recorded events.
struct Events: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events", abstract: "Look at recorded events, and have them start runs again.",
    discussion: """
      Examples:
        millrace events list --type MediaUploaded --from 2026-11-21T00:00:00Z
        millrace events show upload-1 --tenant acme
        millrace events replay --type MediaUploaded \\
          --from 2026-11-21T00:00:00Z --until 2026-11-22T00:00:00Z --dry-run
      """, subcommands: [List.self, Show.self, Replay.self])

  /// `events list`.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List events, newest first, without their payloads.",
      discussion: """
        Examples:
          millrace events list --tenant acme --limit 20
          millrace events list --type DocumentSaved --from 2026-11-21T00:00:00Z --json
        """)

    @Option(help: "Only events of this type.")
    var type: String?
    @Option(help: "Only events of this tenant.")
    var tenant: String?
    @Option(help: ArgumentHelp("Only events recorded then or later (RFC 3339).", valueName: "time"))
    var from: String?
    @Option(help: ArgumentHelp("Only events recorded before (RFC 3339).", valueName: "time"))
    var until: String?
    @Option(help: "How many events at most, 1 to 1000.")
    var limit = 50
    @Option(help: "Where the page before ended: its next_before.")
    var before: String?
    @OptionGroup var output: OutputOptions
    @OptionGroup var server: ServerOptions

    func run() async throws {
      let query = [
        ("type", type), ("tenant_id", tenant), ("from", from), ("until", until), ("limit", String(limit)),
        ("before", before),
      ]
      output.show(try await server.connect().get("/v1/events", query: query)) { EventDescription.table($0) }
    }
  }

  /// `events show`.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show an event, and the runs, stages and jobs that it led to.",
      discussion: """
        Example:
          millrace events show upload-1 --tenant acme
        """)

    @Argument(help: "The event's id.")
    var id: String
    @Option(help: "Whose event it is, where several tenants have one of this id.")
    var tenant: String?
    @Option(help: "Who sent it, where several sources have one of this id.")
    var source: String?
    @OptionGroup var output: OutputOptions
    @OptionGroup var server: ServerOptions

    func run() async throws {
      let query = [("tenant_id", tenant), ("source", source)]
      let event = try await server.connect().get(id, of: "events", query: query)
      output.show(event) { EventDescription.page($0) }
    }
  }
}
