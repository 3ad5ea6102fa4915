/// A server that a script is, in a process of its own on the loopback address; it ends when this is let go.
///
/// The script prints its port on a line when it listens, and ends when its standard input is closed.
public final class PythonServer: Sendable {
  /// Where it listens.
  public let port: Int
  /// What else it says, and how it is stopped.
  public let program: RunningProgram

  /// Starts a script and returns when it listens.
  /// - Throws: `ProgramProblem`, where it does not come to that.
  public init(_ script: String, _ arguments: [String] = []) async throws {
    program = try RunningProgram(.python(script, arguments))
    let line = try await program.line()
    guard let port = Int(line) else { throw ProgramProblem.unexpected(program: "python3", said: line) }
    self.port = port
  }

  /// The address of a path.
  public func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }
}
