import Foundation
import TestProcesses
import Testing

/// Where a page's commands are run: a folder with what the repository ships, the built programs, and perhaps a server.
final class PageTerminal {
  /// A server or worker that was started, and what it logs.
  private struct Started {
    let command: String
    let program: RunningProgram
    let errors: URL
  }

  let folder: URL
  /// What stands in commands for the words of a page that are not meant literally.
  var words: [String: String] = [:]
  /// What commands find in their environment, beside the usual.
  var variables: [String: String] = [:]
  /// Servers that are to live as long as this.
  var servers: [any Sendable] = []
  /// What the page has exported, as it stands there.
  private var exports: [String] = []
  private var started: [Started] = []

  init() throws {
    folder = try RunningServer.newFolder()
    let files = FileManager.default
    try files.copyItem(at: Page.root.appending(path: "pipelines"), to: folder.appending(path: "pipelines"))
    try files.createSymbolicLink(
      at: folder.appending(path: "Tests"), withDestinationURL: Page.root.appending(path: "Tests"))
    // So that curl ends with an error where a server answers with one.
    try Data("fail-with-body\nmax-time = 60\n".utf8).write(to: folder.appending(path: ".curlrc"))
  }

  /// Talks to the server that runs.
  func api() throws -> ServerAPI { try ServerAPI(url: #require(variables["MILLRACE_URL"], "no server was started")) }

  /// Runs a command to its end. What it exports is there for those behind it.
  func run(_ command: String) async throws -> Program.Result {
    let result = try await program(command).run()
    if command.hasPrefix("export ") { exports.append(command) }
    return result
  }

  /// Starts a server or worker, and returns when it says that it is ready. A `serve` takes the place of the one before;
  /// dispatchers stand beside each other.
  func start(_ command: String) async throws {
    if command.hasPrefix("millrace serve ") { try await stop() }
    let isServer = !command.hasPrefix("millrace worker ")
    let errors = folder.appending(path: "errors-\(UUID().uuidString).txt")
    try Data().write(to: errors)
    let program = try RunningProgram(
      program("exec " + command + (isServer ? " --listen 127.0.0.1:0" : "")), errors: errors)
    started.append(Started(command: command, program: program, errors: errors))
    let line = try await program.line()
    guard isServer else { return }
    let url = try #require(line.split(separator: " ").first { $0.hasPrefix("http://") }.map(String.init))
    variables["MILLRACE_URL"] = url
    let address = command.firstRange(of: "--listen ").map { String(command[$0.upperBound...]) }
    words[address ?? "127.0.0.1:7380"] = String(url.dropFirst("http://".count))
  }

  /// Ends what was started, the newest first, and expects that it ends well.
  func stop() async throws {
    while let last = started.popLast() {
      let status = try await last.program.stop(SIGTERM)
      let log = (try? String(contentsOf: last.errors, encoding: .utf8)) ?? ""
      #expect(status == 0, "\(last.command)\n\(log)")
    }
  }

  /// Writes a file, as an editor does.
  func write(_ text: String, to name: String) throws {
    let file = folder.appending(path: name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file, options: .atomic)
  }

  /// Puts other words into a file that has the old ones.
  func change(_ name: String, _ old: String, to new: String) throws {
    let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    try #require(text.contains(old), "\(name)")
    try write(text.replacing(old, with: new), to: name)
  }

  /// Puts a picture that the repository ships where uploads of a tenant lie.
  func upload(_ picture: String, as name: String) throws {
    let uploads = folder.appending(path: "data/objects/acme/uploads")
    try FileManager.default.createDirectory(at: uploads, withIntermediateDirectories: true)
    try Uploads.picture("demo/\(picture)").write(to: uploads.appending(path: name), options: .atomic)
  }

  private func program(_ command: String) -> Program {
    let literal = words.reduce((exports + [command]).joined(separator: "\n")) {
      $0.replacing($1.key, with: $1.value)
    }
    let programs = Command.program.deletingLastPathComponent().path
    let usual = ["PATH": "\(programs):/usr/local/bin:/usr/bin:/bin", "HOME": folder.path]
    return Program(
      "bash", ["-c", "cd '\(folder.path)'\n\(literal)"], environment: usual.merging(variables) { _, own in own })
  }
}
