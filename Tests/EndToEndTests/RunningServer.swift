import Foundation
import TestProcesses
import Testing

/// A `millrace serve`, or a dispatcher, in a process of its own, on a free port, over a folder of its own; beside the
/// folder's databases where the test runs on servers.
final class RunningServer {
  let folder: URL
  let url: String
  let readyLine: String
  private let program: RunningProgram
  private let errors: URL

  /// Starts the server and returns when it has said that it listens. It may be another user's.
  init(
    folder: URL? = nil, command: String = "serve", arguments: [String] = [], variables: [String: String] = [:],
    user: OrdinaryUser? = nil
  ) async throws {
    self.folder = try folder ?? Self.newFolder()
    errors = self.folder.appending(path: "errors-\(UUID().uuidString).txt")
    try Data().write(to: errors)
    let data = self.folder.appending(path: "data").path
    let variables = try await FolderDatabases.variables(for: self.folder).merging(variables) { $1 }
    program = try RunningProgram(
      Command.millrace([command, "--data", data, "--listen", "127.0.0.1:0"] + arguments, variables, user: user),
      errors: errors)
    readyLine = try await program.line()
    url = try #require(readyLine.split(separator: " ").first { $0.hasPrefix("http://") }.map(String.init))
  }

  /// A new folder in the temporary one.
  static func newFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: "millrace-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  /// What was written to standard error so far.
  var errorText: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }

  /// Runs a command against this server.
  func command(_ arguments: [String], variables: [String: String] = [:], input: String = "") async throws
    -> Command.Result
  {
    try await Command.run(
      arguments, variables: variables.merging(["MILLRACE_URL": url]) { given, _ in given }, input: input)
  }

  /// Asks the server to end, and returns its exit code.
  func stop(_ signal: Int32 = SIGTERM) async throws -> Int32 { try await program.stop(signal) }

  /// Sends a signal, and does not wait for what comes of it.
  func signal(_ signal: Int32) { program.signal(signal) }
}
