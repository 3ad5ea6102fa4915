import ArgumentParser
import Dispatcher
import WorkerKit

/// `serve`: everything in one process.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run everything in one process: the API, the dispatcher and the workers.",
    discussion: """
      Keeps everything in one folder: a SQLite database and the stored objects. One server at a time uses a folder; \
      with --no-work it takes no jobs itself, and millrace worker does, in processes of their own. Prints one line \
      when it is ready; logs go to standard error, one JSON object a line.

      SIGTERM or SIGINT ends it: it takes no more requests, lets work finish for a while, gives the rest back, and \
      exits 0. A second signal ends it at once; nothing is lost then either.

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

  @Option(help: ArgumentHelp("Where everything is kept; created where it is missing.", valueName: "folder"))
  var data: String
  @Option(help: ArgumentHelp("Where to listen; port 0 is any free port.", valueName: "host:port"))
  var listen = "127.0.0.1:7380"
  @Option(
    help: ArgumentHelp(
      "The pipeline files. Without it, the pipelines that were active before stay so.", valueName: "folder"))
  var pipelines: String?
  @Option(
    help: ArgumentHelp(
      "Where services that http.call calls reach this server, to answer later. Without it, where it listens.",
      valueName: "url"))
  var publicUrl: String?
  @Option(help: ArgumentHelp("How long a lease lasts: what the jobs of a killed server wait.", valueName: "seconds"))
  var lease = 15

  @Option(
    help: ArgumentHelp(
      "How much memory the picture program may have; a picture that needs more is a dead letter.",
      valueName: "mebibytes"))
  var pictureMemory = 2048

  @OptionGroup var retention: RetentionOptions

  @Flag(help: "Take no jobs; leave them to millrace worker.")
  var noWork = false

  func validate() throws {
    guard (256...65_536).contains(pictureMemory) else {
      throw ValidationError("--picture-memory is 256 to 65536 mebibytes.")
    }
    guard (1...3600).contains(lease) else { throw ValidationError("--lease is 1 to 3600 seconds.") }
    _ = try address()
    guard publicUrl.map({ PublicAddress.read($0) != nil }) ?? true else {
      throw ValidationError("--public-url is an http or https URL without a query, like https://jobs.example.")
    }
  }

  func run() async throws {
    try ServerLog.check()
    let (host, port) = try address()
    let options: APIOptions
    do throws(ListenError) {
      options = try APIOptions(host: host, port: port, token: EnvironmentVariable.token.value)
    } catch {
      throw CommandError.usage(error.description)
    }
    let server = try await EmbeddedServer.open(
      data: DataFolder(data), options: options, publicURL: publicUrl.flatMap { PublicAddress.read($0) },
      pipelines: pipelines, lease: .seconds(lease), pictureMemory: UInt64(pictureMemory) << 20, works: !noWork,
      retention: retention.policy)
    try await server.run()
  }

  /// The host and the port; an IPv6 address stands in brackets.
  private func address() throws -> (host: String, port: Int) {
    guard let colon = listen.lastIndex(of: ":"), let port = UInt16(listen[listen.index(after: colon)...]) else {
      throw ValidationError("--listen is a host and a port, like 127.0.0.1:7380.")
    }
    var host = listen[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    guard !host.isEmpty else { throw ValidationError("--listen is a host and a port, like 127.0.0.1:7380.") }
    return (String(host), Int(port))
  }
}
