import Foundation
import Testing

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
    let process = process(arguments, variables, user: user)
    let (inPipe, out, errors) = (Pipe(), Pipe(), Pipe())
    process.standardInput = inPipe
    process.standardOutput = out
    process.standardError = errors
    // What the program writes fits the pipes: tests ask for little.
    return try await withCheckedThrowingContinuation { continuation in
      process.terminationHandler = { ended in
        let result = Result(
          status: ended.terminationStatus, output: text(of: out), errors: text(of: errors))
        continuation.resume(returning: result)
      }
      do {
        try process.run()
        try inPipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try inPipe.fileHandleForWriting.close()
      } catch {
        process.terminationHandler = nil
        continuation.resume(throwing: error)
      }
    }
  }

  static func process(_ arguments: [String], _ variables: [String: String], user: OrdinaryUser? = nil) -> Process {
    let process = Process()
    let command = (user?.command ?? []) + [program.path] + arguments
    process.executableURL = URL(filePath: command[0])
    process.arguments = Array(command.dropFirst())
    process.environment = variables
    return process
  }

  private static func text(of pipe: Pipe) -> String {
    String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  }
}
