public import Foundation
import Synchronization

/// A program, and what it is started with.
public struct Program: Sendable {
  /// What a program that has ended left behind.
  public struct Result: Sendable {
    /// Its exit code, or the number of the signal that ended it.
    public let status: Int32
    /// What it wrote to standard output.
    public let bytes: Data
    /// What it wrote to standard error.
    public let errors: String

    /// What it wrote to standard output, as a text.
    public var output: String { String(decoding: bytes, as: UTF8.self) }
  }

  /// What it is called in errors: its command line, without whole scripts.
  let name: String
  private let command: [String]
  private let environment: [String: String]?

  /// A program by its path, or by a name that is looked up; its environment is the tests' own where none is given.
  public init(_ program: String, _ arguments: [String] = [], environment: [String: String]? = nil) {
    name = ([program] + arguments.filter { !$0.contains("\n") }).joined(separator: " ")
    command = (program.contains("/") ? [] : ["/usr/bin/env"]) + [program] + arguments
    self.environment = environment
  }

  /// A script in Python.
  public static func python(_ script: String, _ arguments: [String] = []) -> Program {
    Program("python3", ["-c", script] + arguments)
  }

  /// Whether it can be started and ends with 0.
  public var succeeds: Bool {
    get async { (try? await run().status) == 0 }
  }

  /// Runs it to its end. Once the deadline, in seconds, has passed, it is killed.
  /// - Throws: `ProgramProblem.late`, or why it could not be started.
  public func run(input: Data = Data(), deadline: Int = 120) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "program-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    // Files, not pipes: none fills up, and nobody has to read while the program runs.
    let (source, output, errors) = (
      folder.appending(path: "in"), folder.appending(path: "out"), folder.appending(path: "errors")
    )
    for (file, content) in [(source, input), (output, Data()), (errors, Data())] { try content.write(to: file) }
    let ending = Promise<Int32>()
    let (process, handles) = try start(ending) { process in
      let handles = try (
        FileHandle(forReadingFrom: source), FileHandle(forWritingTo: output), FileHandle(forWritingTo: errors)
      )
      (process.standardInput, process.standardOutput, process.standardError) = handles
      return handles
    }
    // Foundation keeps a process and its files for ever; the program has copies of its own.
    for handle in [handles.0, handles.1, handles.2] { try handle.close() }
    let status = try await ending.value(of: name, within: deadline) { process.killAll() }
    return Result(
      status: status, bytes: try Data(contentsOf: output),
      errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
  }

  /// Starts it with what `connect` gives it, and tells its end to `ending`.
  func start<Ends: Sendable>(
    _ ending: Promise<Int32>, _ connect: (Process) throws -> Ends
  ) throws -> (Process, Ends) {
    // One at a time: a process that starts inherits what another start has open just then, and holds it while it runs.
    // Foundation would not see that the other one has ended, and no end of a pipe would come.
    try starting.withLock { _ in
      let process = Process()
      process.executableURL = URL(filePath: command[0])
      process.arguments = Array(command.dropFirst())
      process.environment = environment
      process.terminationHandler = { ending.fulfil(.success($0.terminationStatus)) }
      let ends = try connect(process)
      try process.run()
      return (process, ends)
    }
  }
}

private let starting = Mutex(())

extension Process {
  /// Kills it with all that it has started and that has not left its group.
  func killAll() {
    if isRunning, kill(-processIdentifier, SIGKILL) != 0 { kill(processIdentifier, SIGKILL) }
  }
}
