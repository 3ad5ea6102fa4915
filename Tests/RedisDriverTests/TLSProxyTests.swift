import Foundation
import RedisDriver
import TestProcesses
import TestRedis
import Testing
import WorkerKit

@Suite("Redis behind TLS, through a local proxy", .timeLimit(.minutes(5)))
struct TLSProxyTests {
  /// A certificate for a host, signed by itself, and its key.
  private struct Certificate {
    let folder = FileManager.default.temporaryDirectory.appending(path: "certificate-\(UUID().uuidString)")
    var file: String { folder.appending(path: "certificate").path }
    var key: String { folder.appending(path: "key").path }

    init(host: String) async throws {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let made = try await Program(
        "openssl",
        [
          "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=\(host)", "-addext",
          "subjectAltName=DNS:\(host)", "-keyout", key, "-out", file,
        ]
      ).run()
      try #require(made.status == 0, "\(made.errors)")
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }
  }

  @Test("The driver speaks to a server that speaks TLS alone; one with another's certificate is refused")
  func passesThroughProxy() async throws {
    let certificate = try await Certificate(host: "redis.internal")
    defer { certificate.remove() }
    let port = try LoopbackPort.unused()
    let server = try await RedisServer.start([
      "--tls-port", "\(port)", "--tls-cert-file", certificate.file, "--tls-key-file", certificate.key,
      "--tls-ca-cert-file", certificate.file, "--tls-auth-clients", "no",
    ])
    let bench = RedisBench(server)
    let plain = bench.other(try RedisAddress(url: "redis://127.0.0.1:\(port)"))
    await bench.expectFailure("redis_unreachable", .unavailable) { try await plain.check() }
    await plain.close()

    let proxy = try await TLSProxy.start(before: port, authority: certificate.file, host: "redis.internal")
    let queue = bench.other(try RedisAddress(url: "redis://127.0.0.1:\(proxy.port)"))
    try await queue.open(.first)
    #expect(try await bench.push([QueueEntry(job: "job", fence: .first, queue: .standard)], to: queue) == [.pushed])
    #expect(try await queue.lease(bench.request()).map(\.authority.job) == ["job"])
    await queue.close()

    let wrong = try await TLSProxy.start(before: port, authority: certificate.file, host: "other.internal")
    let refused = bench.other(try RedisAddress(url: "redis://127.0.0.1:\(wrong.port)"))
    await bench.expectFailure("redis_unreachable", .unavailable) { try await refused.check() }
    await refused.close()
    await bench.queue.close()
  }

  @Test("An address that asks for TLS is told of the proxy, and where that is described")
  func tellsOfProxy() throws {
    for url in ["rediss://cache", "rediss+sentinel://cache/mill", "rediss+cluster://cache"] {
      let error = #expect(throws: DriverError.self) { try RedisAddress(url: url) }
      #expect(error?.code == "redis_tls")
      #expect(error?.message.contains("docs/redis.md") == true)
    }
  }
}
