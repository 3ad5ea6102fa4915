import ArgumentParser
import RedisDriver
import WorkerKit

extension Intake {
  /// `intake discard`.
  struct DiscardEntries: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "discard", abstract: "Remove refused entries for good.",
      discussion: """
        Example:
          millrace intake discard 1795287106073-0 1795287106074-0
        """)

    @Argument(help: "The ids of dead letters.")
    var ids: [String]
    @OptionGroup var output: OutputOptions
    @OptionGroup var place: StreamPlace

    func validate() throws { try Intake.check(ids) }

    func run() async throws {
      let count = try await place.run { letters throws(DriverError) in try await letters.discard(ids) }
      output.show(["discarded": .integer(Int64(count))]) { _ in
        count == 0 ? "Nothing was discarded." : "\(Plural.text(count, "entry", "entries")) discarded."
      }
      guard count == Set(ids).count else {
        throw CommandError.failed("not all of them are dead letters; 'millrace intake dead' tells which there are")
      }
    }
  }
}
