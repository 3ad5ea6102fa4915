import Foundation
import Testing
import WorkerKit

@Suite("A pipeline with services that answer later", .timeLimit(.minutes(5)), .onEveryServerSet)
struct LaterAnswerTests {
  let service: LaterService
  let folder: URL

  init() async throws {
    service = try await LaterService()
    folder = try RunningServer.newFolder()
  }

  /// The first stage may be answered later; the second passes on what the first was answered.
  private func serve(_ path: String, timeout: String = "10m", attempts: Int = 5, _ arguments: [String] = [])
    async throws
    -> RunningServer
  {
    let text = """
      pipeline: captions
      trigger: { event: MediaUploaded }
      stages:
        caption:
          uses: http.call
          retry: { attempts: \(attempts), backoff: { initial: 1ms, max: 5ms } }
          with:
            url: "http://127.0.0.1:\(service.port)\(path)"
            body: "${event.payload.object_key}"
            callback: { timeout: \(timeout) }
        keep:
          uses: http.call
          needs: [caption]
          with: { url: "http://127.0.0.1:\(service.port)/now", body: "${caption.body.caption}" }
      """
    return try await .captioning(text, allowing: "127.0.0.1", in: folder, arguments)
  }

  private static let variables = ["MILLRACE_HTTP_ALLOW": "127.0.0.1"]

  private let event: JSON = [
    "id": "e1", "type": "MediaUploaded", "tenant_id": "acme", "payload": ["object_key": "cat.png"],
  ]

  private func job(_ stage: String, of jobs: [JSON], on api: ServerAPI) async throws -> JSON {
    let job = try #require(jobs.first { $0["stage"]?.string == stage })
    return try await api.get("/v1/jobs/\(try #require(job["id"]).string)")
  }

  /// How a job's attempts ended.
  private func outcomes(of job: JSON) -> [String] {
    guard case .array(let history)? = job["history"] else { return [] }
    return history.map { $0["outcome"]?.string ?? "" }
  }

  @Test(
    "A callback is the stage's output, and the next stage runs on it, whoever does the work", arguments: [false, true])
  func callsBack(workerIsApart: Bool) async throws {
    let server = try await serve("/later", workerIsApart ? ["--no-work"] : [])
    let worker =
      try workerIsApart
      ? RunningWorker(folder, arguments: ["--queues", "default"], variables: Self.variables) : nil
    let api = try ServerAPI(server)
    try await api.emit([event])
    let jobs = try await api.ended(2)
    let caption = try await job("caption", of: jobs, on: api)
    #expect(caption["state"] == "SUCCEEDED")
    #expect(caption["attempts"] == 1)
    #expect(caption["output"] == ["status": 202, "headers": [:], "body": ["caption": "A picture of cat.png"]])
    #expect(outcomes(of: caption) == ["awaiting", "succeeded"])
    let keep = try await job("keep", of: jobs, on: api)
    #expect(keep["output"]?["body"] == ["caption": "A picture of A picture of cat.png"])
    let asked = try #require(try await service.seen().first)
    #expect(asked["url"] == .string("\(server.url)/v1/jobs/\(caption["id"]?.string ?? "")/callback"))
    if let worker { #expect(try await worker.stop() == 0, "\(worker.errorText)") }
    #expect(try await server.stop() == 0)
  }

  @Test("An answer at once is the stage's output at once, and nothing is waited for")
  func answersNow() async throws {
    let server = try await serve("/now")
    let api = try ServerAPI(server)
    try await api.emit([event])
    let caption = try await job("caption", of: api.ended(2), on: api)
    #expect(caption["output"]?["body"] == ["caption": "A picture of cat.png"])
    #expect(caption["output"]?["status"] == 200)
    #expect(outcomes(of: caption) == ["succeeded"])
    #expect(try await server.stop() == 0)
  }

  @Test("A service that never calls back is asked again under a new token, at the address that the server was told")
  func neverCallsBack() async throws {
    let server = try await serve("/never", timeout: "1s", attempts: 2, ["--public-url", "https://jobs.example/base/"])
    let api = try ServerAPI(server)
    try await api.emit([event])
    let caption = try await job("caption", of: api.ended(1), on: api)
    #expect(caption["state"] == "TIMED_OUT")
    #expect(caption["failure"]?["code"] == "callback_missed")
    #expect(caption["attempts"] == 2)
    #expect(outcomes(of: caption) == ["awaiting", "retry", "awaiting", "timed_out"])
    let asked = try await service.seen()
    let id = caption["id"]?.string ?? ""
    #expect(
      asked.map { $0["url"]?.string } == Array(repeating: "https://jobs.example/base/v1/jobs/\(id)/callback", count: 2))
    #expect(asked.map { $0["key"]?.string } == [id, id])
    #expect(Set(asked.map { $0["token"]?.string }).count == 2)
    let late = try await api.post("/v1/jobs/\(id)/callback", ["output": [:]])
    #expect(late.status == 403, "A callback needs its token.")
    #expect(try await server.stop() == 0)
  }

  @Test("An address that is none is wrong usage", arguments: ["jobs.example", "ftp://jobs.example", "https://a/?b=1"])
  func badAddress(url: String) async throws {
    let result = try await Command.run(["serve", "--data", folder.path, "--public-url", url])
    #expect(result.status == 2)
    #expect(result.errors.contains("--public-url is an http or https URL"))
  }
}
