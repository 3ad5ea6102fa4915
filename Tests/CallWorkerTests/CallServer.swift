import TestProcesses

/// A service as an operator might write it, in a process of its own; it ends when this process does.
final class CallServer: Sendable {
  static let shared = Task { try await CallServer() }

  private let server: PythonServer

  private init() async throws { server = try await PythonServer(Self.script) }

  var port: Int { server.port }

  func url(_ path: String) -> String { server.url(path) }

  /// `/echo` tells what was sent; `/answer?status=S&body=B&HEADER=VALUE` answers so; `/hang` never answers.
  private static let script = #"""
    import json, os, socketserver, sys, threading
    from http.server import BaseHTTPRequestHandler
    from urllib.parse import parse_qsl, urlsplit
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        def log_message(self, *ignored): pass
        def handle_any(self):
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            parts = urlsplit(self.path)
            wanted = dict(parse_qsl(parts.query, encoding="latin-1"))
            status, body = int(wanted.pop("status", 200)), wanted.pop("body", "").encode("latin-1")
            if parts.path == "/hang":
                self.connection.recv(1)
                self.close_connection = True
                return
            if parts.path == "/echo":
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = json.dumps({"method": self.command, "headers": headers, "body": sent.decode()}).encode()
                wanted = {"Content-Type": "application/json", "ETag": '"7"', "Set-Cookie": "secret"}
            self.send_response(status)
            for name, value in wanted.items(): self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = handle_any
    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        def handle_error(self, *ignored): pass
    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    os._exit(0)
    """#
}
