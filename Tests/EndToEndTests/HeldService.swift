import Foundation
import TestProcesses

/// A service that answers no request before it is told to, and says which came. In a process of its own.
final class HeldService {
  private let server: PythonServer

  init() async throws { server = try await PythonServer(Self.script) }

  var port: Int { server.port }

  /// The path of the next request that comes.
  func next() async throws -> String { try await server.program.line() }

  /// Answers what has come, and from now on everything at once.
  func open() throws { try server.program.write(Data("\n".utf8)) }

  private static let script = #"""
    import os, sys, threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
    gate = threading.Event()
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *ignored): pass
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            print(self.path, flush=True)
            gate.wait()
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.readline()
    gate.set()
    sys.stdin.read()
    os._exit(0)
    """#
}
