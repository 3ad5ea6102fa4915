import HTTPDriver
import TestProcesses

/// An HTTP server in a process of its own, on a free port of the loopback address; it ends when this process does.
final class TestServer: Sendable {
  static let shared = Task { try await TestServer() }

  private let server: PythonServer

  private init() async throws { server = try await PythonServer(Self.script) }

  var port: Int { server.port }

  func url(_ path: String) -> String { server.url(path) }

  /// `/hang/K` never answers; `/hanging/K` answers once it was asked, `/gone/K` once the connection
  /// of `/hang/K` or `/visit/K` was closed.
  private static let script = #"""
    import collections, os, socketserver, sys, threading
    from http.server import BaseHTTPRequestHandler
    events = collections.defaultdict(threading.Event)
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        def log_message(self, *ignored): pass
        def setup(self):
            super().setup()
            self.served = 0
            self.visits = []
        def finish(self):
            for key in self.visits: events["gone" + key].set()
            super().finish()
        def answer(self, status, body=b"", **headers):
            self.send_response(status)
            for name, value in headers.items(): self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD": self.wfile.write(body)
        def handle_any(self):
            self.served += 1
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            parts = self.path.split("/")
            kind, key = parts[1], parts[-1]
            if kind == "hello": self.answer(200, b"hello", X_Served=str(self.served), X_Two="a")
            elif kind == "visit":
                self.visits.append(key)
                self.answer(200)
            elif kind == "echo":
                names = "\n".join(f"{n}: {v}" for n, v in self.headers.items())
                self.answer(200, body, X_Method=self.command, X_Headers=names.encode().hex())
            elif kind == "large":
                self.send_response(200)
                if key == "announced": self.send_header("Content-Length", str(1 << 40))
                self.end_headers()
                self.close_connection = True
                self.endless(b"x" * 65536)
            elif kind == "headers":
                self.send_response(200)
                self.flush_headers()
                self.endless(b"X-Filler: " + b"x" * 1000 + b"\r\n")
            elif kind == "redirect":
                self.answer(302, Location="/redirect/" + str(int(key) - 1) if int(key) else "/hello")
            elif kind == "elsewhere": self.answer(302, Location="ftp://127.0.0.1/")
            elif kind == "broken":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
                self.close_connection = True
            elif kind == "garbage":
                self.wfile.write(b"220 mail.example ready\r\n")
                self.close_connection = True
            elif kind == "silent": self.close_connection = True
            elif kind == "interim":
                self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n")
                self.answer(200, X_Late="2")
            elif kind == "hang":
                events["hanging" + key].set()
                self.connection.recv(1)
                events["gone" + key].set()
                self.close_connection = True
            elif kind in ("hanging", "gone"): self.answer(200 if events[kind + key].wait(20) else 504)
            else: self.answer(404, b"no such page")
        def endless(self, chunk):
            try:
                while True: self.wfile.write(chunk)
            except OSError: self.close_connection = True
        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = handle_any
    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 512
        def handle_error(self, *ignored): pass
    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    os._exit(0)
    """#
}
