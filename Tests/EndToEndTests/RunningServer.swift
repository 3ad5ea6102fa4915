import Foundation
import Testing

/// A `millrace serve` in a process of its own, on a free port, over a folder of its own.
final class RunningServer {
  let folder: URL
  let url: String
  let readyLine: String
  private let process: Process
  private let errors: URL

  /// Starts the server and returns when it has said that it listens. It may be another user's.
  init(folder: URL? = nil, arguments: [String] = [], variables: [String: String] = [:], user: OrdinaryUser? = nil)
    throws
  {
    self.folder = try folder ?? Self.newFolder()
    errors = self.folder.appending(path: "errors.txt")
    process = Command.process(
      ["serve", "--data", self.folder.appending(path: "data").path, "--listen", "127.0.0.1:0"] + arguments, variables,
      user: user)
    let output = Pipe()
    try Data().write(to: errors)
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    readyLine = try Self.firstLine(of: output)
    url = try #require(readyLine.split(separator: " ").first { $0.hasPrefix("http://") }.map(String.init))
  }

  deinit { if process.isRunning { process.interrupt() } }

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
  func stop(_ signal: Int32 = SIGTERM) async -> Int32 {
    await withCheckedContinuation { continuation in
      process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
      kill(process.processIdentifier, signal)
    }
  }

  /// Sends a signal, and does not wait for what comes of it.
  func signal(_ signal: Int32) { kill(process.processIdentifier, signal) }

  private static func firstLine(of pipe: Pipe) throws -> String {
    var line = Data()
    while line.last != UInt8(ascii: "\n") {
      let byte = pipe.fileHandleForReading.readData(ofLength: 1)
      try #require(!byte.isEmpty, "The server ended before it listened.")
      line += byte
    }
    return String(decoding: line, as: UTF8.self).trimmingCharacters(in: .newlines)
  }
}
