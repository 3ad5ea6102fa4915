import Foundation
import TestProcesses

/// The built program, run as its users run it.
struct Command {
  /// What a finished run left behind.
  struct Result {
    let status: Int32
    let output: String
    let errors: String
  }

  static let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    .appending(path: "millrace")

  /// Runs the program and waits for its end. The environment is empty but for `variables`.
  static func run(
    _ arguments: [String], variables: [String: String] = [:], input: String = "", user: OrdinaryUser? = nil
  ) async throws -> Result {
    let result = try await millrace(arguments, variables, user: user).run(input: Data(input.utf8))
    return Result(status: result.status, output: result.output, errors: result.errors)
  }

  static func millrace(_ arguments: [String], _ variables: [String: String], user: OrdinaryUser? = nil) -> Program {
    let command = (user?.command ?? []) + [program.path] + arguments
    return Program(command[0], Array(command.dropFirst()), environment: variables)
  }
}
