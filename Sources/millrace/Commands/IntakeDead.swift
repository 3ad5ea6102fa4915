import ArgumentParser
import RedisDriver
import WorkerKit

extension Intake {
  /// `intake dead`.
  struct DeadEntries: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "dead", abstract: "List refused entries, oldest first, or show all of one.",
      discussion: """
        Examples:
          millrace intake dead
          millrace intake dead --after 1795287106073-0 --limit 20 --json
          millrace intake dead 1795287106073-0
        """)

    @Argument(help: "The id of one, to show what it holds.")
    var id: String?
    @Option(help: ArgumentHelp("Only those that were refused after this one.", valueName: "id"))
    var after: String?
    @Option(help: "How many at most, from 1 to 1000.")
    var limit = 100
    @OptionGroup var output: OutputOptions
    @OptionGroup var place: StreamPlace

    func validate() throws {
      try Intake.check([id, after].compactMap { $0 })
      guard (1...1000).contains(limit) else { throw ValidationError("--limit is a number from 1 to 1000.") }
      if id != nil, after != nil { throw ValidationError("--after goes with no id: one entry is shown, or a list.") }
    }

    func run() async throws {
      if let id { try await show(id) } else { try await list() }
    }

    private func list() async throws {
      let page = try await place.run { letters throws(DriverError) in
        try await letters.page(after: after, limit: limit)
      }
      let next = page.letters.last.flatMap { $0.id == page.last ? nil : $0.id }
      let answer = JSON.object([
        "dead": .array(page.letters.map(IntakeDescription.json)), "next_after": next.map { .string($0) } ?? .null,
      ])
      output.show(answer) { IntakeDescription.table($0) }
    }

    private func show(_ id: String) async throws {
      let found = try await place.run { letters throws(DriverError) in try await letters.letter(id) }
      guard let found else { throw Intake.missing(id) }
      output.show(IntakeDescription.json(found.letter, found.fields)) { IntakeDescription.page($0) }
    }
  }
}
