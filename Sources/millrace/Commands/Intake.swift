import ArgumentParser
import RedisDriver
import WorkerKit

/// `intake`: what may not come in from an event stream.
struct Intake: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "intake", abstract: "Look at entries of the event stream that were refused, and replay them.",
    discussion: """
      Dispatchers take events from a Redis stream, millrace:events. An entry that is no event, or breaks the schema of \
      its type, is kept as a dead letter beside the stream, with the reason, until a person replays or discards it. \
      These commands talk to Redis and need no server of Millrace.

      Examples:
        export MILLRACE_QUEUE_URL=redis://queue.example:6379/0
        millrace intake dead
        millrace intake replay 1795287106073-0 --event @mended.json
        millrace intake replay --all
        millrace intake discard 1795287106073-0
      """, subcommands: [DeadEntries.self, ReplayEntries.self, DiscardEntries.self])

  /// Refuses what cannot be an entry's id.
  static func check(_ ids: [String]) throws {
    for id in ids where id.wholeMatch(of: /\d{1,20}-\d{1,20}/) == nil {
      throw ValidationError("'\(PlainText.line(id))' is no id of a dead letter like 1795287106073-0.")
    }
  }

  /// That there is no such dead letter.
  static func missing(_ id: String) -> CommandError {
    .failed("there is no dead letter '\(id)'; 'millrace intake dead' tells which there are")
  }
}
