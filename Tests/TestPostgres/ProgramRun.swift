import Foundation
import TestProcesses

/// A program that is run to its end beside a test; no thread waits for it.
public struct ProgramRun: Sendable {
  /// How it ended: 0 is well.
  public let status: Int32
  /// What it wrote to standard output.
  public let output: String
  /// What it wrote to standard error.
  public let errors: String

  /// Runs a program that is found on the path or named by its own.
  public static func run(
    _ arguments: [String], input: String = "", environment: [String: String] = [:]
  ) async throws -> ProgramRun {
    let environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let result = try await Program(arguments[0], Array(arguments.dropFirst()), environment: environment)
      .run(input: Data(input.utf8))
    return ProgramRun(status: result.status, output: result.output, errors: result.errors)
  }

  /// The output of a program that must end well.
  @discardableResult
  public static func output(
    _ arguments: [String], input: String = "", environment: [String: String] = [:]
  ) async throws -> String {
    let run = try await run(arguments, input: input, environment: environment)
    guard run.status == 0 else { throw ProgramFailure(arguments: arguments, run: run) }
    return run.output
  }
}

/// A program ended badly, or is missing.
public struct ProgramFailure: Error, CustomStringConvertible {
  let arguments: [String]
  let run: ProgramRun

  public var description: String {
    "\(arguments.joined(separator: " ")) ended with \(run.status): \(run.errors)\(run.output)"
  }
}
