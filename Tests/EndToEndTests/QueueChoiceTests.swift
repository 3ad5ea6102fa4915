import Foundation
import TestPostgres
import TestRedis
import Testing
import WorkerKit

/// The queue is in Redis or in PostgreSQL, as a setting says; a set-up may change from one to the other.
@Suite("Where the queue is", .serialized)
struct QueueChoiceTests {
  private static let alone = ["--queue", "postgres"]

  @Test(
    "An outage of Redis is sat out with --queue postgres, and all is done once, there and back again",
    .timeLimit(.minutes(5)))
  func sitsOut() async throws {
    try await ServerPair.run { pair in
      var redis = pair.redis
      try await Self.run(pair, []) { api in
        try await api.emit((1...30).map { Uploads.saved("first-\($0)", 1) })
        _ = try await api.ended(30)
        redis.kill()
        try await api.emit((1...30).map { Uploads.saved("second-\($0)", 1) })
      }
      let log = try await Self.run(pair, Self.alone) { api in
        try await api.emit((1...30).map { Uploads.saved("third-\($0)", 1) })
        try await Self.check(try await api.ended(90), 90, on: api)
      }
      #expect(log.contains("The queue is another now"), "\(log)")
      redis = try await RedisServer.start(replacing: redis)
      try await Self.run(pair, []) { api in
        try await api.emit((1...30).map { Uploads.saved("fourth-\($0)", 1) })
        try await Self.check(try await api.ended(120), 120, on: api)
      }
      #expect(try await pair.database.psql("SELECT count(*) FROM millrace.autosave_revisions") == "120")
    }
  }

  @Test("With a database alone nothing asks for Redis", .timeLimit(.minutes(5)))
  func needsNoRedis() async throws {
    try await ServerPair.run { pair in
      pair.redis.kill()
      let server = try await pair.dispatcher(command: "serve", queue: "")
      let api = try ServerAPI(server)
      try await api.emit((1...10).map { Uploads.saved("doc-\($0)", 1) })
      try await Self.check(try await api.ended(10), 10, on: api)
      _ = try await pair.ready(api, 200)
      #expect(server.readyLine.contains("queue: postgres"), "\(server.readyLine)")
      #expect(try await server.stop() == 0, "\(server.errorText)")
    }
  }

  @Test(
    "Of dispatchers with different queues the last to start decides, and the other says what is wrong",
    .timeLimit(.minutes(5)))
  func doesNotFlap() async throws {
    try await ServerPair.run { pair in
      let old = try await pair.dispatcher()
      _ = try await pair.ready(try ServerAPI(old), 200)
      let new = try await pair.dispatcher(Self.alone)
      let api = try ServerAPI(new)
      _ = try await pair.ready(api, 200)
      let told = try await pair.ready(try ServerAPI(old), 503)
      #expect(told.contains("queue_elsewhere"), "\(told)")
      _ = try await api.poll({ old.errorText }) { $0.contains("queue_elsewhere") }
      let epoch = "SELECT value FROM millrace.meta WHERE key = 'epoch'"
      let begun = try await pair.database.psql(epoch)

      let stray = try pair.worker()
      let worker = try pair.worker(Self.alone)
      for worker in [stray, worker] { _ = try await worker.hostProcess() }
      try await api.emit((1...10).map { Uploads.saved("doc-\($0)", 1) })
      try await Self.check(try await api.ended(10), 10, on: api)
      let times = { old.errorText.components(separatedBy: "queue_elsewhere").count }
      _ = try await api.poll(times) { $0 > 3 }
      #expect(try await pair.database.psql(epoch) == begun, "Nobody takes the queue from the other.")
      #expect(stray.errorText.contains("The dispatchers use another queue"), "\(stray.errorText)")
      for worker in [stray, worker] { #expect(try await worker.stop() == 0, "\(worker.errorText)") }
      for server in [old, new] { #expect(try await server.stop() == 0, "\(server.errorText)") }
    }
  }

  /// Runs `body` beside a dispatcher and a worker, and stops them; gives what the dispatcher has logged.
  @discardableResult
  private static func run(
    _ pair: ServerPair, _ arguments: [String], _ body: (ServerAPI) async throws -> Void
  ) async throws -> String {
    let dispatcher = try await pair.dispatcher(arguments)
    let worker = try pair.worker(arguments)
    _ = try await worker.hostProcess()
    try await body(try ServerAPI(dispatcher))
    #expect(try await worker.stop() == 0, "\(worker.errorText)")
    #expect(try await dispatcher.stop() == 0, "\(dispatcher.errorText)")
    return dispatcher.errorText
  }

  /// All have succeeded, and success is recorded once for each.
  private static func check(_ jobs: [JSON], _ count: Int, on api: ServerAPI) async throws {
    #expect(jobs.count == count)
    #expect(jobs.count { $0["state"] == "SUCCEEDED" } == count)
    for job in jobs {
      guard case .array(let history)? = try await api.get("/v1/jobs/\(job["id"]?.string ?? "")")["history"] else {
        Issue.record("A job has no history.")
        continue
      }
      #expect(history.count { $0["outcome"]?.string == "succeeded" } == 1)
    }
  }
}
