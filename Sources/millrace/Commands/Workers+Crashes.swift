import ArgumentParser
import SupervisionDriver
import WorkerKit

extension Workers {
  /// `workers crashes`.
  struct Crashes: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List how worker hosts have died, newest first, without a server.",
      discussion: """
        Example:
          millrace workers crashes --data ./data --json
        """)

    @Option(help: ArgumentHelp("The data folder.", valueName: "folder"))
    var data: String
    @Option(help: ArgumentHelp("How many to show at most.", valueName: "count"))
    var limit = 50
    @Flag(help: "Print them as JSON.")
    var json = false

    func validate() throws {
      guard limit >= 1 else { throw ValidationError("--limit is at least 1.") }
    }

    func run() throws {
      let folder = DataFolder(at: data)
      guard folder.exists else { throw CommandError.failed("there is no data folder \(data)") }
      let records = folder.crashes.records().suffix(limit).reversed()
      if json { return Console.write(JSON.object(["crashes": .array(Array(records))]).prettyText()) }
      guard !records.isEmpty else { return Console.write("No worker host has died.") }
      var table = Table("AT", "QUEUES", "ENDED BY", "PEAK MEMORY", "LIVED", "RESTARTS")
      for record in records {
        table.add(
          Self.text(record["at"]), Self.text(record["queues"]),
          record["signal"].map(Self.text) ?? "exit \(Self.text(record["exit_status"]))",
          Self.number(record["peak_memory_bytes"]).map { "\($0 >> 20) MiB" } ?? "",
          Self.number(record["lifetime_ms"]).map { "\($0 / 1000) s" } ?? "", Self.text(record["restarts"]))
      }
      Console.write(table.text)
    }

    private static func text(_ value: JSON?) -> String {
      switch value {
      case .string(let text)?: text
      case let value?: value.text()
      case nil: ""
      }
    }

    private static func number(_ value: JSON?) -> Int64? {
      if case .integer(let number)? = value { number } else { nil }
    }
  }
}
