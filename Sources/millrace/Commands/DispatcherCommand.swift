import ArgumentParser
import WorkerKit

/// `dispatcher`: the API and the dispatcher, beside servers.
struct DispatcherCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dispatcher",
    abstract: "Run the API and the dispatcher, with the store in PostgreSQL and the queue in Redis.",
    discussion: """
      Takes events over HTTP, from the database's outbox and from a Redis stream, turns them into jobs, runs \
      schedules, and sees to what was lost. It does no jobs: millrace worker does. Any number of dispatchers and \
      workers use the same two servers; \
      none of them leads, and any may be killed. The database needs its tables first: millrace migrate.

      A server that is away is waited for: the log says which every few seconds, and so does /health/ready with 503, \
      while /health/live answers 200. SIGTERM or SIGINT ends it, as with millrace serve; its variables are those of \
      millrace serve too.

      Where too much comes, events wait with whoever sends them: see --high-water and --high-water-events, which are \
      the same for all dispatchers.

      Dispatchers and workers share the data folder, which holds the stored objects and the key of callbacks.

      Examples:
        export MILLRACE_DATABASE_URL=postgres://millrace@db.example/app
        export MILLRACE_QUEUE_URL=redis://queue.example:6379/0
        millrace dispatcher --data /srv/millrace --pipelines ./pipelines
        millrace dispatcher --data /srv/millrace --listen 127.0.0.1:7381
        millrace worker --data /srv/millrace
      """)

  @OptionGroup var options: ServingOptions

  func run() async throws {
    try ServerLog.check()
    guard let servers = try options.stores.servers() else {
      throw CommandError.usage(
        "Say which servers: --database postgres://user@host/name and --queue redis://host:6379/0, or "
          + "MILLRACE_DATABASE_URL and MILLRACE_QUEUE_URL. Without servers there is millrace serve.")
    }
    let configuration = try options.configuration(
      servers: servers, lease: Self.lease, pictureMemory: Self.pictureMemory, works: false)
    try await Server.open(configuration).run()
  }

  // Of no effect without jobs.
  private static let lease = Duration.seconds(15)
  private static let pictureMemory = 2048
}
