import ArgumentParser
import Dispatcher
import WorkerKit

/// What every process with an API is told.
struct ServingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where everything is kept, or with --database the stored objects alone; created where it is missing.",
      valueName: "folder"))
  var data: String
  @OptionGroup var stores: StoreOptions
  @OptionGroup var stream: StreamOptions
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

  @OptionGroup var highWater: HighWaterOptions
  @OptionGroup var retention: RetentionOptions

  func validate() throws {
    _ = try address()
    guard publicUrl.map({ PublicAddress.read($0) != nil }) ?? true else {
      throw ValidationError("--public-url is an http or https URL without a query, like https://jobs.example.")
    }
  }

  /// What a server is told, with what its command adds.
  func configuration(
    servers: StoreServers?, lease: Duration, pictureMemory: Int, works: Bool
  ) throws -> ServerConfiguration {
    let (host, port) = try address()
    let servers = try stream.added(to: servers)
    let marks = try highWater.marks()
    let options: APIOptions
    do throws(ListenError) {
      options = try APIOptions(host: host, port: port, token: EnvironmentVariable.token.value)
    } catch {
      throw CommandError.usage(error.description)
    }
    return ServerConfiguration(
      data: try DataFolder(data, shared: servers != nil), servers: servers, api: options,
      publicURL: publicUrl.flatMap { PublicAddress.read($0) }, pipelines: pipelines, lease: lease,
      pictureMemory: UInt64(pictureMemory) << 20, works: works,
      highWater: marks, retention: retention.policy)
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
