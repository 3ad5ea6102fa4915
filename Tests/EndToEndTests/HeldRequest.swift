import Foundation
import TestProcesses
import Testing

/// A request whose body never ends.
final class HeldRequest {
  private let connection: FileHandle

  /// Connects to a server on the loopback address, and sends the head and a first byte.
  init(to url: String) async throws {
    let port = try #require(url.split(separator: ":").last.flatMap { UInt16($0) })
    let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    connection = FileHandle(fileDescriptor: file, closeOnDealloc: true)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(file, $0, size) }
    }
    try #require(result == 0)
    // The answer to the first request says that the second one's head, sent with it, was read as well.
    let text = [
      "GET /health/live HTTP/1.1", "Host: test", "", "POST /v1/events HTTP/1.1", "Host: test",
      "Content-Type: application/json", "Content-Length: 10", "", "{",
    ]
    try connection.write(contentsOf: Data(text.joined(separator: "\r\n").utf8))
    try #require(try await !connection.available().isEmpty)
  }

  func close() { try? connection.close() }
}
