import Foundation
import Testing

/// A service that takes requests, answers none, and tells when a caller hangs up. In a process of its own.
final class SilentService {
  let port: Int
  // The service ends once this pipe is closed.
  private let lifeline = Pipe()
  private let output = Pipe()

  init() throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", Self.script]
    process.standardInput = lifeline
    process.standardOutput = output
    try process.run()
    let line = try Self.line(of: output)
    port = try #require(Int(line))
  }

  /// The next thing that happens: `called` or `closed`.
  func next() throws -> String { try Self.line(of: output) }

  private static func line(of pipe: Pipe) throws -> String {
    var line = Data()
    while line.last != UInt8(ascii: "\n") {
      let byte = pipe.fileHandleForReading.readData(ofLength: 1)
      try #require(!byte.isEmpty, "The service has ended.")
      line += byte
    }
    return String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

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
