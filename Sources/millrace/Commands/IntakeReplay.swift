import ArgumentParser
import RedisDriver
import WorkerKit

extension Intake {
  /// `intake replay`.
  struct ReplayEntries: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "replay", abstract: "Put refused entries back at the end of the stream.",
      discussion: """
        They are tried again as they were: do so once the schema that they broke is mended. --event puts another event \
        in the place of one of them. What is refused again is a dead letter again, with a new id. An event that was \
        recorded before does nothing.

        Examples:
          millrace intake replay 1795287106073-0 1795287106074-0
          millrace intake replay 1795287106073-0 --event @mended.json
          millrace intake replay --all --json
        """)

    @Argument(help: "The ids of dead letters.")
    var ids: [String] = []
    @Flag(help: "All that there are now.")
    var all = false
    @Option(
      help: ArgumentHelp(
        "The event to put in the place of the only one: JSON, @FILE, or - for standard input.", valueName: "event"))
    var event: String?
    @OptionGroup var output: OutputOptions
    @OptionGroup var place: StreamPlace

    /// How many are put back in one go.
    private static let batch = 100

    func validate() throws {
      try Intake.check(ids)
      if ids.isEmpty != all { throw ValidationError("Name dead letters, or say --all.") }
      if event != nil, ids.count != 1 { throw ValidationError("--event goes with the id of one dead letter.") }
    }

    func run() async throws {
      let event = try event.map { text throws(CommandError) in try EventFile.payload(text, called: "event") }
      let answers = try await place.run { letters throws(DriverError) in
        if let event, let id = ids.first { return [(id, try await letters.replay(id, as: event))] }
        return all ? try await replayAll(letters) : try await replay(ids, letters)
      }
      show(answers)
      if let other = answers.first(where: { $0.1 == .tooManyFields }) {
        throw CommandError.failed("'\(other.0)' has too many fields to be put back; put an event in its place: --event")
      }
      // Of all that there were, somebody else may have seen to some.
      if !all, let other = answers.first(where: { $0.1 == .missing }) { throw Intake.missing(other.0) }
    }

    private func show(_ answers: [(String, RedisStreamReplay)]) {
      let items = answers.map { JSON.object(["id": .string($0.0), "answer": .string($0.1.rawValue)]) }
      let count = answers.count { $0.1 == .replayed }
      output.show(.object(["replayed": .integer(Int64(count)), "dead": .array(items)])) { _ in
        count == 0 ? "Nothing was replayed." : "\(Plural.text(count, "entry", "entries")) replayed."
      }
    }

    /// Those that are there now: what is refused again meanwhile comes after them.
    private func replayAll(
      _ letters: RedisDeadLetters
    ) async throws(DriverError) -> [(String, RedisStreamReplay)] {
      var (answers, after, last) = ([(String, RedisStreamReplay)](), String?.none, String?.none)
      while true {
        let page = try await letters.page(after: after, limit: Self.batch)
        last = last ?? page.last
        var ids = page.letters.map(\.id)
        let isEnd = ids.firstIndex { $0 == last }
        if let isEnd { ids = Array(ids[...isEnd]) }
        guard !ids.isEmpty else { return answers }
        answers += try await replay(ids, letters)
        after = ids.last
        if isEnd != nil { return answers }
      }
    }

    private func replay(
      _ ids: [String], _ letters: RedisDeadLetters
    ) async throws(DriverError) -> [(String, RedisStreamReplay)] {
      var answers: [(String, RedisStreamReplay)] = []
      for start in stride(from: 0, to: ids.count, by: Self.batch) {
        let part = Array(ids[start..<min(start + Self.batch, ids.count)])
        answers += zip(part, try await letters.replay(part)).map { ($0, $1) }
      }
      return answers
    }
  }
}
