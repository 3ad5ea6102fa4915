import Testing
import WorkerKit

@testable import CallWorker

@Suite("http.call: services that answer later", .timeLimit(.minutes(5)))
struct LaterAnswerTests {
  let server: CallServer
  private let key: CallbackKey

  init() async throws {
    server = try await CallServer.shared.value
    key = try #require(CallbackKey([UInt8](repeating: 7, count: CallbackKey.byteCount)))
  }

  private func bench(publicURL: String? = "https://jobs.example/base", isReachable: Bool = true) throws -> CallBench {
    var bench = try CallBench(publicURL: publicURL)
    bench.callbacks = isReachable ? key : nil
    return bench
  }

  private func options(_ path: String, _ more: [String: JSON] = [:]) -> JSON {
    .object(["url": .string(server.url(path)), "callback": ["timeout": "90m"]].merging(more) { _, new in new })
  }

  @Test("The request says where to answer, and with what token; an answer at once is taken")
  func says() async throws {
    let output = try await bench().call(options("/echo"))
    let headers = output["body"]?["headers"]
    #expect(headers?["millrace-callback-url"] == "https://jobs.example/base/v1/jobs/job-1/callback")
    #expect(
      headers?["millrace-callback-token"] == .string(key.token(for: FencedJob(job: "job-1", fence: .first))))
    #expect(headers?["idempotency-key"] == "job-1")
    #expect(output["status"] == 200)
  }

  @Test("202 is a promise to call back, whatever the stage expects", arguments: [[:], ["expect": [200]]])
  func waits(more: [String: JSON]) async throws {
    await #expect(throws: AwaitCallback(within: .seconds(5400))) {
      try await bench().call(options("/answer?status=202&body=queued", more))
    }
  }

  @Test("Any other answer counts at once")
  func others() async throws {
    let bench = try bench()
    #expect(try await bench.call(options("/answer?status=201&body=done"))["body"] == "done")
    #expect(await bench.failure(options("/answer?status=503"))?.kind == .transient)
    #expect(await bench.failure(options("/answer?status=404"))?.kind == .permanent)
    #expect(
      await bench.failure(options("/answer?status=202", ["callback": nil, "expect": [200]]))?.code == "http_status")
  }

  @Test("Without the option a request has neither address nor token, and 202 is success")
  func without() async throws {
    let bench = try bench()
    let plain = try await bench.call(["url": .string(server.url("/echo"))])["body"]?["headers"]
    #expect(plain?["millrace-callback-url"] == nil)
    #expect(plain?["millrace-callback-token"] == nil)
    #expect(try await bench.call(["url": .string(server.url("/answer?status=202"))])["status"] == 202)
  }

  @Test("Where no answer could arrive, the service is not called")
  func isNotCalled() async throws {
    // Nobody listens on the port: a call would be refused.
    let options: JSON = ["url": "http://127.0.0.1:1/", "callback": ["timeout": "1h"]]
    let failure = await (try bench(publicURL: nil)).failure(options)
    #expect(failure?.code == "callback_address_unknown")
    #expect(failure?.kind == .transient)
    let unreachable = try bench(isReachable: false)
    await #expect(throws: AwaitCallback(within: .seconds(3600))) { try await unreachable.call(options) }
  }

  @Test("What a callback brings is the body, so that stages behind it find it where they look")
  func becomesTheBody() {
    let output = CallWorker.output(ofCallback: ["verdict": "clean"])
    #expect(output == ["status": 202, "headers": [:], "body": ["verdict": "clean"]])
    guard case .object(let members) = output else { return }
    #expect(Set(members.keys) == Set(CallOutput.fields.map(\.name)))
  }
}
