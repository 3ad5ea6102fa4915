import Foundation

/// A program that is run to its end beside a test; no thread waits for it.
public struct ProgramRun: Sendable {
  /// How it ended: 0 is well.
  public let status: Int32
  /// What it wrote to standard output.
  public let output: String
  /// What it wrote to standard error.
  public let errors: String

  /// Runs a program that is found on the path or named by its own. Input and output are files: none can fill up.
  public static func run(
    _ arguments: [String], input: String = "", environment: [String: String] = [:]
  ) async throws -> ProgramRun {
    let folder = FileManager.default.temporaryDirectory.appending(path: "run-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = ["in", "out", "err"].map { folder.appending(path: $0) }
    for (file, text) in zip(files, [input, "", ""]) { try Data(text.utf8).write(to: file) }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try await end(of: process)
    let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
    return ProgramRun(status: process.terminationStatus, output: texts[1], errors: texts[2])
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

  private static func end(of process: Process) async throws {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      process.terminationHandler = { _ in continuation.resume() }
      do { try process.run() } catch {
        process.terminationHandler = nil
        continuation.resume(throwing: error)
      }
    }
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
