import ArgumentParser
import WorkerKit

/// Which server a command talks to.
struct ServerOptions: ParsableArguments {
  static let standardURL = "http://127.0.0.1:7380"

  @Option(
    help: ArgumentHelp(
      "The server's address. Also MILLRACE_URL; \(ServerOptions.standardURL) where neither is given.",
      valueName: "url"))
  var server: String?

  /// A connection to the server, with the token of MILLRACE_TOKEN where there is one.
  func connect() throws(CommandError) -> ServerConnection {
    let named = server ?? EnvironmentVariable.url.value ?? Self.standardURL
    let url = named.hasSuffix("/") ? String(named.dropLast()) : named
    guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
      throw .usage("the server's address is a URL like \(Self.standardURL), not '\(named)'")
    }
    return try ServerConnection(url: url, token: EnvironmentVariable.token.value)
  }
}

/// What a command that reads prints.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print the server's answer as JSON.")
  var json = false

  /// Prints `answer` as JSON, or what `describe` makes of it.
  func show(_ answer: JSON, describe: (JSON) -> String) {
    Console.write(json ? answer.prettyText() : describe(answer))
  }
}
