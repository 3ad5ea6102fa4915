import ArgumentParser
import WorkerKit

/// Jobs of all states.
struct Jobs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jobs", abstract: "Look at jobs, and cancel them.",
    discussion: """
      Examples:
        millrace jobs list --state queued,running --limit 20
        millrace jobs show 01KAM0Z9W3K1S8X6D9J5R2T4V7-scan
      """, subcommands: [List.self, Show.self, Cancel.self])

  /// `jobs list`.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List jobs, newest first.",
      discussion: """
        Examples:
          millrace jobs list
          millrace jobs list --state failed,timed_out --pipeline media
          millrace jobs list --json | jq '.jobs[].id'
        """)

    @Option(
      help: """
        Only jobs in these states, separated by commas: pending, queued, running, succeeded, failed, timed_out, \
        cancelled.
        """)
    var state: String?
    @OptionGroup var page: PageOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var server: ServerOptions

    func run() async throws {
      let answer = try await server.connect().get("/v1/jobs", query: [("state", state)] + page.query)
      output.show(answer) { JobDescription.table($0) }
    }
  }

  /// `jobs show`.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show everything about one job.",
      discussion: """
        Examples:
          millrace jobs show 01KAM0Z9W3K1S8X6D9J5R2T4V7-scan
          millrace jobs show 01KAM0Z9W3K1S8X6D9J5R2T4V7-scan --log
        """)

    @Argument(help: "The job's id.")
    var id: String
    @Flag(help: "Show the last lines of the job's log as well.")
    var log = false
    @Option(help: "How many lines of it.")
    var lines = 20
    @OptionGroup var output: OutputOptions
    @OptionGroup var server: ServerOptions

    func validate() throws {
      guard (1...100_000).contains(lines) else { throw ValidationError("--lines is a whole number from 1 to 100000.") }
    }

    func run() async throws {
      let job = try await server.connect().get(id, of: "jobs")
      output.show(job) { JobDescription.page($0, logLines: log ? lines : 0) }
    }
  }
}

/// Which page of a list of jobs.
struct PageOptions: ParsableArguments {
  @OptionGroup var jobs: JobOptions
  @Option(help: "How many jobs at most, 1 to 1000.")
  var limit = 50
  @Option(help: "Only jobs older than the one with this id: the next page.")
  var before: String?

  func validate() throws {
    guard (1...1000).contains(limit) else { throw ValidationError("--limit is a whole number from 1 to 1000.") }
  }

  var query: [(String, String?)] { jobs.query + [("limit", String(limit)), ("before", before)] }
}
