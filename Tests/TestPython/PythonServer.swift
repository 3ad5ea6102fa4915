import Foundation

/// A server that a script is, in a process of its own on the loopback address; it ends when this is let go.
///
/// The script prints its port on a line when it listens, and ends when its standard input is closed.
public final class PythonServer: Sendable {
  public let port: Int
  private let lifeline = Pipe()

  /// What went wrong: the script ended before it had a port.
  public struct StartError: Error {}

  /// Starts a script and returns when it listens.
  public init(_ script: String) throws {
    let (process, output) = (Process(), Pipe())
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script]
    process.standardInput = lifeline
    process.standardOutput = output
    try process.run()
    var line = Data()
    while line.last != UInt8(ascii: "\n") {
      let byte = output.fileHandleForReading.readData(ofLength: 1)
      guard !byte.isEmpty else { throw StartError() }
      line += byte
    }
    guard let port = Int(String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)) else {
      throw StartError()
    }
    self.port = port
  }

  /// The address of a path.
  public func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }
}
