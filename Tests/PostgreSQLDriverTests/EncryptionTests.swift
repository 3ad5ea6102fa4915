import Foundation
import PostgreSQLDriver
import TestPostgres
import TestProcesses
import Testing
import WorkerKit

@Suite("TLS to PostgreSQL", .timeLimit(.minutes(5)))
struct EncryptionTests {
  private static let encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"

  @Test("Where the server asks for TLS, what is sent in the clear is refused, and who it is can be checked")
  func encrypts() async throws {
    let server = try await Self.server()
    let clear = try await ConnectingTests.error(server.url("postgres", query: "?sslmode=disable"))
    #expect(clear?.code == "postgres_role")
    for mode in ["prefer", "require", "verify-full&sslrootcert=\(server.folder)/server.crt"] {
      let url = server.url("postgres", query: "?sslmode=\(mode)")
      let isEncrypted = try await PostgresPool.with(url) { pool async throws in
        try await pool.read { try $0.rows(Self.encrypted).boolean(0, 0) }
      }
      #expect(isEncrypted, "\(mode)")
    }
    let other = try await Self.certificate(of: "elsewhere.example")
    let file = try await server.keep(other.certificate, as: "other.crt")
    for root in [file, "/nowhere/root.crt"] {
      let query = "?sslmode=verify-full&sslrootcert=\(root)"
      #expect(try await ConnectingTests.error(server.url("postgres", query: query))?.code == "postgres_tls")
    }
  }

  @Test("A server without TLS is refused where TLS is asked for")
  func insists() async throws {
    let server = try await PostgresServer.shared()
    let error = try await ConnectingTests.error(server.url("postgres", query: "?sslmode=require"))
    #expect(error?.code == "postgres_tls")
  }

  private static func server() async throws -> PostgresServer {
    let server = try await PostgresServer.start()
    let own = try await certificate(of: "127.0.0.1")
    let (certificate, key) = (
      try await server.keep(own.certificate, as: "server.crt"), try await server.keep(own.key, as: "server.key")
    )
    try await server.stop("fast")
    try await server.configure(
      ["ssl": "on", "ssl_cert_file": certificate, "ssl_key_file": key],
      access: ["local all all trust", "hostssl all all 127.0.0.1/32 scram-sha-256"])
    try await server.start()
    return server
  }

  private static func certificate(of name: String) async throws -> (certificate: String, key: String) {
    let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (certificate, key) = (folder.appending(path: "crt"), folder.appending(path: "key"))
    let kind = name.contains("127") ? "IP" : "DNS"
    try await Program(
      "openssl",
      [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=\(name)", "-addext",
        "subjectAltName=\(kind):\(name)", "-keyout", key.path, "-out", certificate.path,
      ]
    ).output()
    return (
      String(decoding: try Data(contentsOf: certificate), as: UTF8.self),
      String(decoding: try Data(contentsOf: key), as: UTF8.self)
    )
  }
}
