import HTTPDriver
import TestProcesses
import WorkerKit

/// A service that keeps its callers waiting until it is opened, in a process of its own.
final class GatedService {
  private let server: PythonServer
  private let client: HTTPClient

  init() async throws {
    server = try await PythonServer(Self.script)
    client = try HTTPClient()
  }

  var port: Int { server.port }

  /// Answers as many calls that wait, or will.
  func answer(_ count: Int) async throws {
    _ = try await client.send(HTTPRequest(url: server.url("/answer/\(count)")))
  }

  /// How often each key has called.
  func calls() async throws -> [String: JSON] {
    let response = try await client.send(HTTPRequest(url: server.url("/calls")))
    guard case .object(let calls) = try JSONReader.parse(response.body) else { return [:] }
    return calls
  }

  private static let script = #"""
    import json, os, sys, threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
    calls, gate, lock = {}, threading.Semaphore(0), threading.Lock()
    class Server(ThreadingHTTPServer):
        request_queue_size = 256
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *ignored): pass
        def answer(self, value):
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        def do_GET(self):
            if self.path.startswith("/answer/"): gate.release(int(self.path.split("/")[-1]))
            with lock: self.answer(calls)
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            key = self.headers["Idempotency-Key"]
            with lock: calls[key] = calls.get(key, 0) + 1
            gate.acquire()
            self.answer({})
    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    os._exit(0)
    """#
}
