import Foundation
import Testing

/// A `millrace worker` over the data folder of a server: the small process, and the host that it keeps running.
final class RunningWorker {
  private let process: Process
  private let output = Pipe()
  private let errors: URL

  /// Starts the worker; `hostProcess` tells when its host is ready.
  init(_ folder: URL, arguments: [String], variables: [String: String] = [:]) throws {
    errors = folder.appending(path: "worker-\(UUID().uuidString).txt")
    try Data().write(to: errors)
    process = Command.process(["worker", "--data", folder.appending(path: "data").path] + arguments, variables)
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
  }

  deinit { if process.isRunning { process.terminate() } }

  /// What was logged so far, by both processes.
  var errorText: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }

  /// The number of the next host that says that it is ready.
  func hostProcess() throws -> Int32 {
    var line = Data()
    while line.last != UInt8(ascii: "\n") {
      let byte = output.fileHandleForReading.readData(ofLength: 1)
      try #require(!byte.isEmpty, "The worker ended before its host was ready: \(errorText)")
      line += byte
    }
    let words = String(decoding: line, as: UTF8.self).split(separator: " ")
    return try #require(words.dropFirst(2).first.flatMap { Int32($0) }, "\(words)")
  }

  /// Asks the worker to end, and returns its exit code.
  func stop(_ signal: Int32 = SIGTERM) async -> Int32 {
    await withCheckedContinuation { continuation in
      process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
      kill(process.processIdentifier, signal)
    }
  }
}
