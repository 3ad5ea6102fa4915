import ArgumentParser
import WorkerKit

/// `pause`.
struct PauseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause",
    abstract: "Hold a queue, a pipeline, a stage or a tenant back: nothing of it starts.",
    discussion: """
      What runs goes on to its end, and what comes waits in its order until it is resumed. A pause is kept in the \
      store: it outlives restarts, and the loss of the queue. 'drain' waits until nothing is under way as well.

      What no active pipeline, worker or job names is refused as a slip of the pen; --anyway pauses it all the same.

      Examples:
        millrace pause pipeline:media --reason "the bucket is full"
        millrace pause stage:media/scan tenant:acme --by ada --reason "a bad release"
      """)

  @OptionGroup var scopes: ScopeOptions
  @Flag(help: "Pause also what nobody knows yet.")
  var anyway = false
  @OptionGroup var blame: BlameOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var server: ServerOptions

  func validate() throws { try blame.check(isPreview: false) }

  func run() async throws {
    let answer = try await Pausing(server: server.connect()).pause(scopes, blame, anyway: anyway)
    output.show(answer) { PauseDescription.answer($0, known: "was paused already") }
    Console.complain(PauseDescription.remark(answer))
  }
}

/// `resume`.
struct ResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Let what was paused go on.",
    discussion: """
      What has waited starts in its order, as far as hosts have room. 'pauses list' tells what is paused.

      Examples:
        millrace resume pipeline:media
        millrace resume tenant:acme --by ada --reason "their import is mended"
      """)

  @OptionGroup var scopes: ScopeOptions
  @OptionGroup var blame: BlameOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var server: ServerOptions

  func validate() throws { try blame.checkAsker() }

  func run() async throws {
    let server = try server.connect()
    var members = blame.members
    members["scopes"] = scopes.json
    let answer = try await server.post("/v1/pauses/resume", .object(members))
    output.show(answer) { PauseDescription.answer($0, known: "was not paused") }
    Console.complain(PauseDescription.remark(answer))
    let missing = answer.elements("scopes").filter { $0["status"] == "missing" }.map { $0.cell("scope") }
    guard let first = missing.first else { return }
    let paused = try await server.get("/v1/pauses").elements("pauses").map { $0.cell("scope") }
    let hint = Spelling.suggestion(for: first, among: paused).map { "; did you mean \($0)?" }
    throw CommandError.failed("\(missing.joined(separator: " ")): not paused\(hint ?? "")")
  }
}

/// Pauses on a server.
struct Pausing {
  let server: ServerConnection

  func pause(
    _ scopes: ScopeOptions, _ blame: BlameOptions, anyway: Bool
  ) async throws(CommandError) -> JSON {
    var members = blame.members
    members["scopes"] = scopes.json
    members["anyway"] = .bool(anyway)
    return try await server.post("/v1/pauses", .object(members))
  }
}
