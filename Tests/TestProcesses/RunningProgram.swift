public import Foundation

/// A program that runs beside a test, and talks with it in lines. It is killed when this is let go.
public final class RunningProgram: Sendable {
  private let name: String
  private let process: Process
  private let (input, output): (Pipe, Pipe)
  private let ending = Promise<Int32>()

  /// Starts it; standard error goes to a file, or to the tests' own.
  public init(_ program: Program, errors: URL? = nil) throws {
    name = program.name
    let file = try errors.map { try FileHandle(forWritingTo: $0) }
    (process, (input, output)) = try program.start(ending) { process in
      let (input, output) = (Pipe(), Pipe())
      process.standardInput = input
      process.standardOutput = output
      if let file { process.standardError = file }
      return (input, output)
    }
    // Foundation keeps a process and its files for ever; the program has a copy of its own.
    try file?.close()
  }

  deinit {
    process.killAll()
    try? input.fileHandleForWriting.close()
    try? output.fileHandleForReading.close()
  }

  /// The next line that it writes, without its newline.
  /// - Throws: `ProgramProblem`, where none comes; where that is because the deadline, in seconds, has passed, the
  ///   program is killed.
  public func line(deadline: Int = 120) async throws -> String {
    let bytes = Promise { [output] in
      var bytes = Data()
      while bytes.last != UInt8(ascii: "\n"), let byte = try? output.fileHandleForReading.read(upToCount: 1),
        !byte.isEmpty
      { bytes += byte }
      return bytes
    }
    let line = try await bytes.value(of: name, within: deadline) { [process] in process.killAll() }
    let text = String(decoding: line, as: UTF8.self)
    guard text.hasSuffix("\n") else { throw ProgramProblem.unexpected(program: name, said: text) }
    return text.trimmingCharacters(in: .newlines)
  }

  /// Gives it a few bytes to read, fewer than a pipe holds.
  public func write(_ bytes: Data) throws { try input.fileHandleForWriting.write(contentsOf: bytes) }

  /// Says that nothing more comes for it to read.
  public func closeInput() throws { try input.fileHandleForWriting.close() }

  /// Sends a signal, unless it has ended.
  public func signal(_ number: Int32) {
    if process.isRunning { kill(process.processIdentifier, number) }
  }

  /// Sends a signal and waits for its end, as `end` does.
  public func stop(_ number: Int32) async throws -> Int32 {
    signal(number)
    return try await end()
  }

  /// Waits for its end: its exit code, or the number of the signal that ended it.
  /// - Throws: `ProgramProblem.late` once the deadline, in seconds, has passed; then it is killed.
  public func end(deadline: Int = 120) async throws -> Int32 {
    try await ending.value(of: name, within: deadline) { [process] in process.killAll() }
  }
}
