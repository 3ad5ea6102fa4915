import Foundation
import TestProcesses
import Testing

/// A `millrace worker` over the data folder of a server: the small process, and the host that it keeps running.
final class RunningWorker {
  private let program: RunningProgram
  private let errors: URL

  /// Starts the worker; `hostProcess` tells when its host is ready.
  init(_ folder: URL, arguments: [String], variables: [String: String] = [:]) throws {
    errors = folder.appending(path: "worker-\(UUID().uuidString).txt")
    try Data().write(to: errors)
    let variables = FolderDatabases.variables(joining: folder).merging(variables) { $1 }
    program = try RunningProgram(
      Command.millrace(["worker", "--data", folder.appending(path: "data").path] + arguments, variables),
      errors: errors)
  }

  /// What was logged so far, by both processes.
  var errorText: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }

  /// The number of the next host that says that it is ready.
  func hostProcess() async throws -> Int32 {
    let words = try await program.line().split(separator: " ")
    return try #require(words.dropFirst(2).first.flatMap { Int32($0) }, "\(words)")
  }

  /// Asks the worker to end, and returns its exit code.
  func stop(_ signal: Int32 = SIGTERM) async throws -> Int32 { try await program.stop(signal) }
}
