import ArgumentParser
import WorkerKit

/// `serve`: everything in one process.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run everything in one process: the API, the dispatcher and the workers.",
    discussion: """
      Keeps everything in one folder: a SQLite database and the stored objects. One server at a time uses a folder; \
      with --no-work it takes no jobs itself, and millrace worker does, in processes of their own. With \
      --database and --queue, store and queue are on servers instead (see millrace dispatcher). Prints one line when \
      it is ready; logs go to standard error, one JSON object a line.

      SIGTERM or SIGINT ends it: it takes no more requests, lets work finish for a while, gives the rest back, and \
      exits 0. A second signal ends it at once; nothing is lost then either.

      Where too much comes, events wait with whoever sends them: see --high-water and --high-water-events.

      A server that other machines can reach needs a token of at least 16 characters in MILLRACE_TOKEN.

      http.call reaches public addresses, and the hosts that MILLRACE_HTTP_ALLOW lists: \
      internal.example,10.0.0.7:8080. Spans go to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names, as OTLP/HTTP \
      in JSON; without it none are made. MILLRACE_LOG_LEVEL is debug, info, warning or error; info where it is not \
      given.

      Examples:
        millrace serve --data ./data --pipelines ./pipelines
        millrace serve --data /var/lib/millrace --listen 127.0.0.1:8080 --no-work
        MILLRACE_TOKEN=… millrace serve --data /var/lib/millrace --listen 0.0.0.0:7380
      """)

  @OptionGroup var options: ServingOptions
  @Option(help: ArgumentHelp("How long a lease lasts: what the jobs of a killed server wait.", valueName: "seconds"))
  var lease = 15

  @Option(
    help: ArgumentHelp(
      "How much memory the picture program may have; a picture that needs more is a dead letter.",
      valueName: "mebibytes"))
  var pictureMemory = 2048

  @Flag(help: "Take no jobs; leave them to millrace worker.")
  var noWork = false

  func validate() throws {
    guard (256...65_536).contains(pictureMemory) else {
      throw ValidationError("--picture-memory is 256 to 65536 mebibytes.")
    }
    guard (1...3600).contains(lease) else { throw ValidationError("--lease is 1 to 3600 seconds.") }
  }

  func run() async throws {
    try ServerLog.check()
    let configuration = try options.configuration(
      servers: try options.stores.servers(), lease: .seconds(lease), pictureMemory: pictureMemory, works: !noWork)
    try await Server.open(configuration).run()
  }
}
