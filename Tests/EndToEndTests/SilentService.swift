import TestProcesses

/// A service that takes requests, answers none, and tells when a caller hangs up. In a process of its own.
final class SilentService {
  private let server: PythonServer

  init() async throws { server = try await PythonServer(Self.script) }

  var port: Int { server.port }

  /// The next thing that happens: `called` or `closed`.
  func next() async throws -> String { try await server.program.line() }

  private static let script = #"""
    import os, sys, threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *ignored): pass
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            print("called", flush=True)
            try: self.connection.recv(1)
            except OSError: pass
            print("closed", flush=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    os._exit(0)
    """#
}
