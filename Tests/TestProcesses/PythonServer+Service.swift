extension PythonServer {
  /// Starts a small HTTP service: a script that defines a class `Handler` of `Base`.
  ///
  /// That has `sent()`, the body of a request from JSON, and `answer(status, value, headers)`, which answers
  /// with JSON. `json`, `os`, `sys`, `threading` and `time` are imported.
  /// - Throws: `ProgramProblem`, where it does not come to listen.
  public static func service(_ handler: String) async throws -> PythonServer {
    try await PythonServer(before + handler + after)
  }

  private static let before = #"""
    import json, os, sys, threading, time
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
    class Base(BaseHTTPRequestHandler):
        def log_message(self, *ignored): pass
        def sent(self): return json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")
        def answer(self, status, value, headers={}):
            body = json.dumps(value).encode()
            self.send_response(status)
            for name, text in headers.items(): self.send_header(name, text)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    """#

  private static let after = #"""

    class Service(ThreadingHTTPServer):
        request_queue_size = 256
    service = Service(("127.0.0.1", 0), Handler)
    print(service.server_address[1], flush=True)
    threading.Thread(target=service.serve_forever, daemon=True).start()
    sys.stdin.read()
    os._exit(0)
    """#
}
