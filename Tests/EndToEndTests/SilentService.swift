import TestProcesses

/// A service that takes requests, answers none, and tells when a caller hangs up. In a process of its own.
final class SilentService {
  private let server: PythonServer

  init() async throws { server = try await .service(Self.handler) }

  var port: Int { server.port }

  /// The next thing that happens: `called` or `closed`.
  func next() async throws -> String { try await server.program.line() }

  private static let handler = #"""
    class Handler(Base):
        def do_POST(self):
            self.sent()
            print("called", flush=True)
            try: self.connection.recv(1)
            except OSError: pass
            print("closed", flush=True)
    """#
}
