import ArgumentParser
import WorkerKit

/// What is paused.
struct PausesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pauses", abstract: "Look at what is paused, and at who paused and resumed what.",
    discussion: """
      Examples:
        millrace pauses list
        millrace pauses history --limit 10
      """, subcommands: [List.self, History.self])

  /// `pauses list`.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List what is paused, since when, by whom and why.",
      discussion: """
        Example:
          millrace pauses list --json
        """)

    @OptionGroup var output: OutputOptions
    @OptionGroup var server: ServerOptions

    func run() async throws {
      let answer = try await server.connect().get("/v1/pauses")
      output.show(answer) { answer in
        let pauses = answer.elements("pauses")
        return pauses.isEmpty ? "Nothing is paused." : PauseDescription.table(pauses)
      }
      Console.complain(PauseDescription.remark(answer))
    }
  }

  /// `pauses history`.
  struct History: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List who paused and resumed what, newest first.",
      discussion: """
        Example:
          millrace pauses history --limit 10
        """)

    @Option(help: "How many deeds at most, 1 to 1000.")
    var limit = 20
    @Option(help: "Only deeds with smaller numbers: the next page.")
    var before: Int?
    @OptionGroup var output: OutputOptions
    @OptionGroup var server: ServerOptions

    func run() async throws {
      let answer = try await server.connect().get(
        "/v1/pauses/history", query: [("limit", String(limit)), ("before", before.map { String($0) })])
      output.show(answer) { answer in
        let deeds = answer.elements("deeds")
        guard !deeds.isEmpty else { return "Nothing was paused yet." }
        var table = Table("NUMBER", "AT", "BY", "ACTION", "SCOPE", "REASON")
        for deed in deeds {
          table.add(
            deed.cell("number"), deed.cell("at"), deed.cell("by"), deed.cell("action"), deed.cell("scope"),
            deed.cell("reason"))
        }
        return table.text
      }
    }
  }
}
