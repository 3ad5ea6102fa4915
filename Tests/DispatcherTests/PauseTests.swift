import Dispatcher
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Pausing", .timeLimit(.minutes(5)))
struct PauseTests {
  let bench: DecoupledBench
  private let active: ActivePipelines

  private static let pipeline = """
    pipeline: test
    trigger: { event: Test }
    stages:
      only: { uses: test.work }
    """

  init() throws {
    bench = try DecoupledBench()
    active = ActivePipelines(library: PipelineLibrary())
    active.replace(with: PipelineSet([try Pipeline.compile(Self.pipeline, file: "test.yaml")]), number: 1)
  }

  /// Leases whatever may start.
  private func leaseAny() async throws -> [Lease] {
    try await bench.queue.lease(
      LeaseRequest(queue: .standard, limit: 9, length: .seconds(15), host: "host", wait: .zero))
  }

  /// Routes as a server has them.
  private func routes() -> PauseRoutes {
    let projection = QueueProjection(
      queue: bench.queue, active: active, pauses: bench.store.pausesReader, environment: bench.environment,
      log: bench.logs.logger)
    return PauseRoutes(bench.services, active: active, queues: ["media"]) { () async throws(DriverError) in
      try await projection.tell()
    }
  }

  private func serving(_ body: (TestClient) async throws -> Void) async throws {
    try await TestClient.serving(bench.services, extensions: [routes()], body)
  }

  private func wish(_ scopes: JSON...) -> JSON {
    ["scopes": .array(scopes), "by": "ada", "reason": "the disk is full"]
  }

  @Test("The queue grants nothing of what is paused as soon as the request is answered, and all once it is resumed")
  func holdsBack() async throws {
    try await serving { client in
      let answer = try await client.post("/v1/pauses", wish("pipeline:test"))
      #expect(answer.status == 200, "\(answer.text)")
      #expect(
        answer.json == ["projected": true, "scopes": [["scope": "pipeline:test", "status": "paused"]]])
      let job = try await bench.startJob()
      #expect(try await leaseAny().isEmpty)
      let again = try await client.post("/v1/pauses", wish("pipeline:test"))
      #expect(again.json["scopes"]?[0]?["status"] == "known")
      let resumed = try await client.post("/v1/pauses/resume", ["scopes": ["pipeline:test"], "by": "ben"])
      #expect(resumed.json["scopes"]?[0]?["status"] == "resumed")
      #expect(try await leaseAny().map(\.authority.job) == [job.id])
      let missing = try await client.post("/v1/pauses/resume", ["scopes": ["pipeline:test"], "by": "ben"])
      #expect(missing.json["scopes"]?[0]?["status"] == "missing")
    }
    let lines = bench.logs.text.split(separator: "\n").filter { $0.contains("A scope was") }
    #expect(lines.count == 2, "What changes nothing is not logged.")
    #expect(lines.first?.contains(#""by":"ada""#) == true && lines.first?.contains("the disk is full") == true)
  }

  @Test("Who paused what, since when and why is told, and what was done before")
  func tells() async throws {
    try await serving { client in
      #expect(try await client.get("/v1/pauses").json == ["projected": true, "pauses": []])
      _ = try await client.post("/v1/pauses", wish("tenant:acme", "queue:media"))
      let moment = JSON.string(bench.time.now.description)
      let pause: [String: JSON] = ["at": moment, "by": "ada", "reason": "the disk is full"]
      let all: JSON = .array(["queue:media", "tenant:acme"].map { .object(pause.merging(["scope": $0]) { $1 }) })
      #expect(try await client.get("/v1/pauses").json["pauses"] == all)
      _ = try await client.post("/v1/pauses/resume", ["scopes": ["tenant:acme"], "by": "ben", "reason": "mended"])
      let deeds = try await client.get("/v1/pauses/history").json
      #expect(deeds["deeds"]?[0]?["action"] == "resume")
      #expect(deeds["deeds"]?[0]?["reason"] == "mended")
      #expect(deeds["deeds"]?[2]?["by"] == "ada")
      let page = try await client.get("/v1/pauses/history?limit=1").json
      #expect(page["next_before"] == page["deeds"]?[0]?["number"])
      #expect(try await client.get("/v1/pauses/history?limit=0").status == 400)
    }
  }

  @Test("A job that waits says which pause holds it, in lists, by itself and in its run")
  func showsWhatHolds() async throws {
    try await serving { client in
      let job = try await bench.startJob()
      let held = try await leaseAny()
      let waiting = try await bench.startJob(event: "e2")
      _ = try await client.post("/v1/pauses", wish("stage:test/only"))
      let shown = try await client.get("/v1/jobs/\(waiting.id)").json
      #expect(shown["held_by"] == "stage:test/only")
      #expect(shown["waiting_reason"] == "ada paused stage:test/only: the disk is full")
      #expect(try await client.get("/v1/jobs?state=queued").json["jobs"]?[0]?["held_by"] == "stage:test/only")
      let run = try await client.get("/v1/runs/\(waiting.run)").json
      #expect(run["stages"]?[0]?["job"]?["held_by"] == "stage:test/only")
      #expect(held.map(\.authority.job) == [job.id])
      let running = try await client.get("/v1/jobs/\(job.id)").json
      #expect(running["state"] == "RUNNING")
      #expect(running["held_by"] == .null, "What runs goes on.")
      _ = try await client.post("/v1/pauses/resume", ["scopes": ["stage:test/only"], "by": "ben"])
      #expect(try await client.get("/v1/jobs/\(waiting.id)").json["held_by"] == .null)
    }
  }

  @Test("Queues are told with what waits, what is under way and what is paused; the metrics name no tenant")
  func tellsQueues() async throws {
    try await serving { client in
      _ = try await bench.startJob()
      _ = try await leaseAny()
      _ = try await bench.startJob(event: "e2")
      _ = try await client.post("/v1/pauses", wish("queue:media", "pipeline:test", "tenant:acme", "tenant:b"))
      let answer = try await client.get("/v1/queues").json
      #expect(answer["queues"]?[0]?["queue"] == "default")
      #expect(answer["queues"]?[0]?["waiting"] == 1)
      #expect(answer["queues"]?[0]?["leased"] == 1)
      #expect(answer["queues"]?[0]?["pause"] == .null)
      #expect(answer["queues"]?[1]?["queue"] == "media")
      #expect(answer["queues"]?[1]?["pause"]?["by"] == "ada")
      #expect(answer["pauses"]?[3]?["scope"] == "tenant:b")
      let metrics = try await client.get("/metrics").text
      #expect(metrics.contains(#"millrace_paused{scope="pipeline:test"} 1"#), "\(metrics)")
      #expect(metrics.contains(#"millrace_paused{scope="tenants"} 2"#))
      #expect(!metrics.contains("acme"))
      _ = try await client.post("/v1/pauses/resume", ["scopes": ["queue:media"], "by": "ben"])
      #expect(try await client.get("/metrics").text.contains("queue:media") == false)
    }
  }

  @Test("A slip of the pen pauses nothing and is told of, unless it is meant")
  func suggests() async throws {
    try await serving { client in
      let answer = try await client.post(
        "/v1/pauses", wish("pipeline:tset", "stage:test/olny", "queue:mdia", "stage:x/only", "tenant:anybody"))
      #expect(answer.status == 404)
      #expect(answer.problem == "unknown_scope")
      let messages = (0..<4).map { answer.json["problems"]?[$0]?["message"] }
      #expect(
        messages == [
          "No such pipeline is active; did you mean pipeline:test?",
          "The pipeline has no such stage; did you mean stage:test/only?",
          "No worker, stage or job names this queue; did you mean queue:media?", "No such pipeline is active.",
        ])
      #expect(answer.json["problems"]?[0]?["field"] == "pipeline:tset")
      #expect(try await bench.store.pauses() == Pauses())
      let meant = try await client.post(
        "/v1/pauses", ["scopes": ["pipeline:later"], "by": "ada", "reason": "not before May", "anyway": true])
      #expect(meant.status == 200)
      #expect(try await bench.store.pauses().scopes == [.pipeline("later")])
    }
  }

  @Test(
    "What is meant must be said",
    arguments: [
      (["by": "ada", "reason": "x"], "scopes required"),
      (["scopes": [], "by": "ada", "reason": "x"], "scopes required"),
      (["scopes": ["media"], "by": "ada", "reason": "x"], "scopes invalid"),
      (["scopes": ["stage:media"], "by": "ada", "reason": "x"], "scopes invalid"),
      (["scopes": ["queue:media"], "reason": "x"], "by required"),
      (["scopes": ["queue:media"], "by": "ada"], "reason required"),
      (["scopes": ["queue:media"], "by": "ada", "reason": "x", "why": "y"], "why unknown_field"),
    ] as [(JSON, String)])
  func asksForMore(body: JSON, problem: String) async throws {
    try await serving { client in
      let answer = try await client.post("/v1/pauses", body)
      #expect(answer.status == 400)
      #expect(answer.problem == "invalid_pause")
      let item = answer.json["problems"]?[0]
      #expect(problem == "\(item?["field"]?.plain ?? "") \(item?["code"]?.plain ?? "")")
      #expect(try await bench.store.pauses() == Pauses())
    }
  }

  @Test("Where the queue is away the pause is kept, and the answer says that the queue does not know of it")
  func outlastsTheQueue() async throws {
    try await serving { client in
      bench.queue.faults.failNext(.project, with: DriverError(.unavailable, "away", "It is away."), times: 1)
      let answer = try await client.post("/v1/pauses", wish("pipeline:test"))
      #expect(answer.status == 200)
      #expect(answer.json["projected"] == false)
      #expect(try await bench.store.pauses().scopes == [.pipeline("test")])
      #expect(try await client.get("/v1/pauses").json["projected"] == true, "It is told when it is back.")
      _ = try await bench.startJob()
      #expect(try await leaseAny().isEmpty)
    }
  }
}

extension JSON {
  fileprivate var plain: String { if case .string(let text) = self { text } else { "" } }
}
