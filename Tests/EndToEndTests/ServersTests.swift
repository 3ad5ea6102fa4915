import Foundation
import TestPostgres
import TestRedis
import Testing
import WorkerKit

/// Dispatchers and workers in processes of their own, beside one PostgreSQL and one Redis.
@Suite("Beside servers", .serialized)
struct ServersTests {
  @Test("two dispatchers and three workers do everything once, whatever is killed or emptied", .timeLimit(.minutes(5)))
  func survives() async throws {
    try await ServerPair.run { pair in
      let doomed = try await pair.dispatcher()
      let dispatcher = try await pair.dispatcher()
      let workers = try (0..<3).map { _ in try pair.worker() }
      for worker in workers { _ = try await worker.hostProcess() }
      let api = try ServerAPI(dispatcher)

      try await ServerAPI(doomed).emit((1...60).map { Uploads.saved("first-\($0)", 1) })
      #expect(try await doomed.stop(SIGKILL) == SIGKILL)
      try await api.emit((1...60).map { Uploads.saved("second-\($0)", 1) })
      #expect(try await workers[0].stop(SIGKILL) == SIGKILL)
      try await pair.database.psql(Self.emitting(60))
      try await pair.redis.command("FLUSHALL")
      try await api.emit((1...60).map { Uploads.saved("third-\($0)", 1) })
      let other = try await pair.dispatcher()
      try await ServerAPI(other).emit((1...60).map { Uploads.saved("fourth-\($0)", 1) })

      let counts = "SELECT count(*) FROM millrace.autosave_revisions"
      _ = try await api.poll({ try await pair.database.psql(counts) }) { $0 == "300" }
      let jobs = try await api.ended(300)
      #expect(jobs.count == 300)
      #expect(jobs.count { $0["state"] == "SUCCEEDED" } == 300)
      #expect(try await pair.database.psql(counts) == "300")
      #expect(try await pair.database.psql("SELECT count(*) FROM millrace.outbox") == "0")
      try await Self.checkHistories(of: jobs, on: api)
      let content = try await api.get("/v1/documents/fourth-7/revisions?tenant_id=t1")
      #expect(content["revisions"] != .array([]))
      for worker in workers.dropFirst() { #expect(try await worker.stop() == 0, "\(worker.errorText)") }
      for server in [dispatcher, other] { #expect(try await server.stop() == 0, "\(server.errorText)") }
    }
  }

  /// Saves that an application emits in its own transaction.
  private static func emitting(_ count: Int) -> String {
    """
    SELECT millrace.emit('DocumentSaved', 't1',
      jsonb_build_object('revision', 1, 'content', 'Save ' || n),
      resource => jsonb_build_object('kind', 'document', 'id', 'emitted-' || n), id => 'emitted-' || n)
    FROM generate_series(1, \(count)) AS n
    """
  }

  /// Success is recorded once for each job.
  private static func checkHistories(of jobs: [JSON], on api: ServerAPI) async throws {
    for job in jobs {
      guard case .array(let history)? = try await api.get("/v1/jobs/\(job["id"]?.string ?? "")")["history"] else {
        Issue.record("A job has no history.")
        continue
      }
      #expect(history.count { $0["outcome"]?.string == "succeeded" } == 1)
    }
  }

  @Test("serve is all of it in one process, and an event that breaks its schema stays outside", .timeLimit(.minutes(5)))
  func serves() async throws {
    try await ServerPair.run { pair in
      let schemas = pair.folder.appending(path: "pipelines/events")
      try FileManager.default.createDirectory(at: schemas, withIntermediateDirectories: true)
      try Data(#"{"type": "object", "required": ["revision"]}"#.utf8)
        .write(to: schemas.appending(path: "DocumentSaved.schema.json"))
      let server = try await pair.dispatcher(command: "serve")
      try await pair.database.psql(Self.emitting(20))
      try await pair.database.psql("SELECT millrace.emit('DocumentSaved', 't1', '{}', id => 'bad')")
      let api = try ServerAPI(server)
      #expect(try await api.ended(20).count { $0["state"] == "SUCCEEDED" } == 20)
      let refused = "SELECT reason FROM millrace.outbox_refused"
      let reason = try await api.poll({ try await pair.database.psql(refused) }) { !$0.isEmpty }
      #expect(reason.contains("required"), "\(reason)")
      #expect(try await server.stop() == 0, "\(server.errorText)")
    }
  }

  /// Saves a document, and waits until it and those before it are kept.
  private static func save(_ document: String, count: Int, on api: ServerAPI) async throws {
    let event = Uploads.saved(document, 1)
    _ = try await api.poll({ try await api.post("/v1/events", event).status }) { $0 == 202 }
    try await wait(count: count, on: api)
  }

  /// Waits until so many jobs have succeeded; what is told meanwhile of servers that are only just back does not count.
  private static func wait(count: Int, on api: ServerAPI) async throws {
    _ = try await api.poll({ try await api.answer("/v1/jobs?state=succeeded") }) { answer in
      if case .array(let jobs)? = answer.body["jobs"] { jobs.count == count } else { false }
    }
  }

  @Test(
    "A server that is away is waited for and named, and one that goes comes back by itself", .timeLimit(.minutes(5)))
  func waits() async throws {
    try await ServerPair.run(on: try await PostgresServer.start()) { pair in
      pair.redis.kill()
      let dispatcher = try await pair.dispatcher()
      let worker = try pair.worker()
      let api = try ServerAPI(dispatcher)
      let before = try await pair.ready(api, 503)
      #expect(before.contains("redis_unreachable"), "\(before)")
      #expect(try await api.answer("/health/live").status == 200)
      let lines = try await api.poll({ dispatcher.errorText + worker.errorText }) {
        $0.contains("redis_unreachable")
      }
      #expect(lines.contains("A server cannot be used yet; this process waits for it."))

      var redis = try await RedisServer.start(replacing: pair.redis)
      _ = try await pair.ready(api, 200)
      _ = try await worker.hostProcess()
      try await Self.save("one", count: 1, on: api)

      redis.kill()
      let lost = try await pair.ready(api, 503)
      #expect(lost.contains("redis_unreachable"), "\(lost)")
      try await api.emit([Uploads.saved("two", 1)])
      redis = try await RedisServer.start(replacing: redis)
      try await Self.wait(count: 2, on: api)

      try await pair.database.server.stop()
      let gone = try await pair.ready(api, 503)
      #expect(gone.contains("postgres_"), "\(gone)")
      #expect(try await api.answer("/health/live").status == 200)
      try await pair.database.server.start()
      _ = try await pair.ready(api, 200)
      try await Self.save("three", count: 3, on: api)
      #expect(try await worker.stop() == 0, "\(worker.errorText)")
      #expect(try await dispatcher.stop() == 0, "\(dispatcher.errorText)")
    }
  }
}
