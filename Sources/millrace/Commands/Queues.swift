import ArgumentParser
import WorkerKit

/// Queues: where jobs wait for hosts.
struct Queues: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "queues", abstract: "Look at the queues in which jobs wait.",
    discussion: """
      Example:
        millrace queues list
      """, subcommands: [List.self])

  /// `queues list`.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the queues: how many jobs wait and are under way, and what is paused.",
      discussion: """
        Jobs whose time has not come are counted among those that wait; the oldest is the one that has been due for \
        the longest time.

        Examples:
          millrace queues list
          millrace queues list --json | jq '.queues[].waiting'
        """)

    @OptionGroup var output: OutputOptions
    @OptionGroup var server: ServerOptions

    func run() async throws {
      let answer = try await server.connect().get("/v1/queues")
      output.show(answer) { PauseDescription.queues($0) }
    }
  }
}
