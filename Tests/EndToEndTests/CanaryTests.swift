import Foundation
import HTTPDriver
import TestProcesses
import Testing
import WorkerKit

/// Dead letters that are run again after one of them has shown that their cause is mended.
@Suite("A canary", .timeLimit(.minutes(5)), .onEveryServerSet)
struct CanaryTests {
  private static let blame = ["--by", "ada", "--reason", "the service is back"]
  private let service: PythonServer
  private let server: RunningServer
  private let api: ServerAPI

  init() async throws {
    service = try await .service(Self.handler)
    let text = """
      pipeline: captions
      trigger: { event: MediaUploaded }
      stages:
        caption:
          uses: http.call
          retry: { attempts: 1 }
          with: { url: "http://localhost:\(service.port)/caption" }
      """
    server = try await .captioning(text, allowing: "localhost:\(service.port)")
    api = try ServerAPI(server)
  }

  /// Tells the service something.
  private func tell(_ path: String) async throws {
    let answer = try await HTTPClient().send(HTTPRequest(url: service.url(path)))
    try #require(answer.status == 200)
  }

  private func failThree() async throws {
    try await api.emit(
      ["1", "2", "3"].map { ["id": .string($0), "type": "MediaUploaded", "tenant_id": "acme", "payload": [:]] })
    _ = try await api.ended(3)
    #expect(try await api.jobs("failed").count == 3)
  }

  @Test("While it is at work nothing else is replayed; when it has succeeded the rest is")
  func succeeds() async throws {
    try await failThree()
    try await tell("/mend")
    let url = server.url
    async let replay = Command.run(
      ["dead", "replay", "--stage", "caption", "--canary", "--server", url] + Self.blame)
    let running = try await api.poll({ try await api.jobs("running") }) { !$0.isEmpty }
    let canary = try #require(running.first?["id"]?.string)
    #expect(running.count == 1)
    #expect(try await api.jobs("failed").count == 2)
    try await tell("/answer")
    let result = try await replay
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors == "waiting for the canary \(canary)\n")
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines.dropFirst().first == "\(canary)  replayed")
    #expect(lines.dropFirst().allSatisfy { $0.hasSuffix("  replayed") })
    let jobs = try await api.poll({ try await api.jobs("succeeded") }) { $0.count == 3 }
    for job in jobs {
      let audit = try await api.get("/v1/jobs/\(job["id"]?.string ?? "")")["audit"]
      #expect(audit?[0]?["reason"] == "the service is back")
      #expect(audit?[1] == nil)
    }
    #expect(try await server.stop() == 0)
  }

  @Test("One that fails again leaves the others as they were, and the command says so")
  func fails() async throws {
    try await failThree()
    let result = try await server.command(["dead", "replay", "--all", "--yes", "--canary", "--json"] + Self.blame)
    #expect(result.status == 1)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains(" ended FAILED: "), "\(result.errors)")
    #expect(result.errors.hasSuffix(" Nothing else was replayed\n"), "\(result.errors)")
    let jobs = try await api.jobs("failed")
    #expect(jobs.count == 3)
    #expect(jobs.count { ($0["fence"]?.integer ?? 0) > 1 } == 1)
    #expect(try await server.stop() == 0)
  }

  /// Unwell until it is told that it is mended; then it answers nobody until it is told to.
  private static let handler = #"""
    mended, opened = threading.Event(), threading.Event()
    class Handler(Base):
        def do_GET(self):
            (mended if self.path.startswith("/mend") else opened).set()
            self.answer(200, "told")
        def do_POST(self):
            self.sent()
            if not mended.is_set(): return self.answer(400, {})
            opened.wait()
            self.answer(200, {})
    """#
}
