import ArgumentParser
import WorkerKit

/// What can be seen of a server.
struct Telemetry: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "telemetry", abstract: "Look at what a server tells about itself.",
    discussion: """
      Example:
        millrace telemetry docs
      """, subcommands: [Docs.self])

  /// `telemetry docs`.
  struct Docs: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print every metric, span and log field with its meaning, without a server.",
      discussion: """
        Examples:
          millrace telemetry docs > docs/telemetry.md
          millrace telemetry docs --json
        """)

    @Flag(help: "Print it as JSON.")
    var json = false

    func run() throws {
      let page = TelemetryPage()
      Console.write(json ? page.json.prettyText() : String(page.markdown.dropLast()))
    }
  }
}
