import Foundation
import HTTPDriver
import TestProcesses
import Testing
import WorkerKit

/// A stage in another language, behind a URL.
@Suite("A pipeline with http.call", .timeLimit(.minutes(5)), .onEveryServerSet)
struct CallTests {
  let service: FailingService
  let folder: URL

  init() async throws {
    service = try await FailingService()
    folder = try RunningServer.newFolder()
  }

  private func serve(allowing hosts: String) async throws -> RunningServer {
    let text = """
      pipeline: captions
      trigger: { event: MediaUploaded }
      stages:
        caption:
          uses: http.call
          retry: { attempts: 5, backoff: { initial: 1ms, max: 5ms } }
          with:
            url: "http://localhost:\(service.port)/captions"
            body: { object: "${event.payload.object_key}" }
      """
    return try await .captioning(text, allowing: hosts, in: folder)
  }

  private let event: JSON = [
    "id": "e1", "type": "MediaUploaded", "tenant_id": "acme", "payload": ["object_key": "cat.png"],
  ]

  @Test func itIsRepeatedUntilTheServiceAnswers() async throws {
    let server = try await serve(allowing: "localhost:\(service.port)")
    let api = try ServerAPI(server)
    try await api.emit([event])
    let ended = try await api.ended(1)
    let job = try await api.get("/v1/jobs/\(try #require(ended.first?["id"]).string)")
    #expect(job["state"] == "SUCCEEDED")
    #expect(job["attempts"] == 3)
    let body = job["output"]?["body"]
    #expect(body?["caption"] == "A picture of cat.png")
    // The same key each time is what lets the service see that it is one job.
    #expect(body?["keys"] == .array(Array(repeating: job["id"] ?? nil, count: 3)))
    #expect(body?["attempts"] == ["1", "2", "3"])
    #expect(try await server.stop() == 0)
  }

  @Test func thisMachineIsNotCalledUnlessItIsAllowed() async throws {
    let server = try await serve(allowing: "localhost:1")
    let api = try ServerAPI(server)
    try await api.emit([event])
    let ended = try await api.ended(1)
    #expect(ended.first?["state"] == "FAILED")
    #expect(ended.first?["failure"]?["code"] == "address_not_allowed")
    #expect(ended.first?["attempts"] == 1)
    #expect(try await server.stop() == 0)
  }

  @Test func aListThatIsNoneIsWrongUsage() async throws {
    let result = try await Command.run(
      ["serve", "--data", folder.path, "--listen", "127.0.0.1:0"], variables: ["MILLRACE_HTTP_ALLOW": "a/b"])
    #expect(result.status == 2)
    #expect(
      result.errors == "MILLRACE_HTTP_ALLOW: 'a/b' is not a host like internal.example, 10.0.0.7:8080 or "
        + "[fd00::1]:80\n")
  }
}

/// A service that is unwell twice and then answers, in a process of its own.
final class FailingService {
  private let server: PythonServer

  init() async throws { server = try await .service(Self.handler) }

  var port: Int { server.port }

  private static let handler = #"""
    keys, attempts, parents = [], [], []
    class Handler(Base):
        def do_POST(self):
            sent = self.sent()
            keys.append(self.headers["Idempotency-Key"])
            attempts.append(self.headers["Millrace-Attempt"])
            parents.append(self.headers["traceparent"])
            isWell = len(keys) > 2
            answer = {"caption": "A picture of " + sent["object"], "keys": keys, "attempts": attempts,
                "traceparents": parents}
            if isWell: self.answer(200, answer)
            else: self.answer(503, {}, {"Retry-After": "0"})
    """#
}
