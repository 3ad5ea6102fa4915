import Foundation

extension Program {
  /// A program with the tests' own environment, and these variables beside it.
  public init(_ program: String, _ arguments: [String] = [], adding variables: [String: String]) {
    let environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
    self.init(program, arguments, environment: environment)
  }

  /// Runs it to its end, and gives what it wrote to standard output.
  /// - Throws: `ProgramFailure` where it does not end with 0, and what `run` throws.
  @discardableResult
  public func output(input: String = "") async throws -> String {
    let result = try await run(input: Data(input.utf8))
    guard result.status == 0 else { throw ProgramFailure(program: name, result: result) }
    return result.output
  }
}

/// A program ended badly, or is missing.
public struct ProgramFailure: Error, CustomStringConvertible {
  let program: String
  let result: Program.Result

  /// What it was, how it ended and what it wrote.
  public var description: String { "\(program) ended with \(result.status): \(result.errors)\(result.output)" }
}
