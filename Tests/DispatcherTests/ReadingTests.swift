import Dispatcher
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Reading events, runs and jobs", .timeLimit(.minutes(5)))
struct ReadingTests {
  let bench: TestBench

  init() throws { bench = try TestBench() }

  @Test func anEventLeadsToItsRunsAndStages() async throws {
    let job = try await bench.startJob()
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.get("/v1/events/e1")
      #expect(answer.status == 200)
      #expect(answer.json["recorded_at"] == "2026-01-01T00:00:00.000Z")
      #expect(answer.json["routed_at"] == "2026-01-01T00:00:00.000Z")
      #expect(answer.json["dead_letters"] == [])
      let run = try #require(answer.json["runs"]?[0])
      #expect(run["pipeline"] == "media")
      #expect(run["stages"]?[0]?["job"]?["id"] == .string(job.id.rawValue))
      #expect(run["stages"]?[0]?["state"] == "QUEUED")
      #expect(run["stages"]?[1] == ["stage": "index", "state": "WAITING"])
      let id = try #require(try await bench.store.job(job.id)?.run)
      let same = try await client.get("/v1/runs/\(id)")
      #expect(same.json == run)
    }
  }

  @Test func outputsArtifactsAndDeadLettersAreShown() async throws {
    _ = try await bench.startJob()
    let artifact = Artifact(key: "a/b", contentType: "image/png", bytes: 3, sha256: "00")
    let done = Outcome.succeeded(output: Array(#"{"verdict":"clean"}"#.utf8), artifacts: [artifact])
    #expect(try await bench.settle(bench.lease(), as: done) == .settled)
    let failure = Failure(.permanent, "index_full", "The index is full.")
    #expect(try await bench.settle(bench.lease(), as: .failed(failure)) == .settled)
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.get("/v1/events/e1")
      let stages = try #require(answer.json["runs"]?[0]?["stages"])
      #expect(stages[0]?["job"]?["output"] == ["verdict": "clean"])
      #expect(stages[0]?["job"]?["artifacts"]?[0] == artifact.json)
      #expect(stages[1]?["state"] == "FAILED")
      #expect(stages[1]?["job"]?["failure"]?["code"] == "index_full")
      let dead = try #require(answer.json["dead_letters"]?[0])
      #expect(stages[1]?["job"]?["id"] == dead)
    }
  }

  @Test func aSkippedStageSaysWhy() async throws {
    let run = NewRun(
      id: "run", pipeline: "media", revision: "none",
      plan: RunPlan(state: .succeeded, idle: ["quarantine": IdleStage(.skipped, reason: "when did not hold")]))
    _ = try await bench.store.record([bench.event("e1")])
    try await bench.router(plan: { _ in [run] }).routeWaiting()
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.get("/v1/runs/run")
      #expect(answer.json["state"] == "succeeded")
      #expect(
        answer.json["stages"] == [["stage": "quarantine", "state": "SKIPPED", "reason": "when did not hold"]])
    }
  }

  @Test func anIdOfSeveralTenantsAsksWhich() async throws {
    _ = try await bench.store.record([
      bench.event("e1"), bench.event("e1", tenant: "other"), bench.event("e1", tenant: "other", source: "import"),
    ])
    try await TestClient.serving(bench.services) { client in
      let several = try await client.get("/v1/events/e1")
      #expect(several.status == 409)
      #expect(several.problem == "ambiguous_event")
      #expect(several.text.contains("?tenant_id="))
      let one = try await client.get("/v1/events/e1?tenant_id=acme")
      #expect(one.json["event"]?["tenant_id"] == "acme")
      #expect(one.json["routed_at"] == .null)
      let sources = try await client.get("/v1/events/e1?tenant_id=other")
      #expect(sources.status == 409)
      #expect(sources.text.contains("?source="))
      #expect(try await client.get("/v1/events/e1?tenant_id=other&source=import").status == 200)
    }
  }

  @Test(arguments: ["/v1/events/none", "/v1/events/e1?tenant_id=nobody", "/v1/runs/none", "/v1/jobs/none"])
  func whatIsNotThereIsNotFound(path: String) async throws {
    _ = try await bench.startJob()
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.get(path)
      #expect(answer.status == 404)
      #expect(answer.problem == "not_found")
    }
  }

  @Test func aJobTellsItsWholeStory() async throws {
    let job = try await bench.startJob()
    let failure = Failure(.transient, "busy", "The scanner is busy.")
    #expect(try await bench.settle(bench.lease(), as: .retry(failure, after: .zero)) == .settled)
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.get("/v1/jobs/\(job.id)")
      #expect(answer.status == 200)
      #expect(answer.json["state"] == "QUEUED")
      #expect(answer.json["fence"] == 2)
      #expect(answer.json["attempts"] == 1)
      #expect(answer.json["input"] == ["object": "cat.png"])
      #expect(answer.json["failure"]?["code"] == "busy")
      #expect(answer.json["history"]?[0]?["outcome"] == "retry")
      #expect(answer.json["history"]?[0]?["host"] == "host")
      _ = try await bench.lease()
      let leased = try await client.get("/v1/jobs/\(job.id)")
      #expect(leased.json["state"] == "RUNNING")
      let list = try await client.get("/v1/jobs")
      #expect(list.json["jobs"]?[0]?["state"] == "RUNNING")
    }
  }

  @Test func statesAreThoseThatAreShown() async throws {
    var ids: [JSON] = []
    for event in ["1", "2", "3"] { ids.append(.string(try await bench.startJob(event: event).id.rawValue)) }
    _ = try await bench.lease()
    try await TestClient.serving(bench.services) { client in
      let running = try await client.get("/v1/jobs?state=running&limit=1")
      #expect(running.json["jobs"]?[0]?["id"] == ids[0])
      let queued = try await client.get("/v1/jobs?state=queued")
      #expect([queued.json["jobs"]?[0]?["id"], queued.json["jobs"]?[1]?["id"]] == [ids[2], ids[1]])
      #expect(queued.json["jobs"]?[2] == nil)
      #expect(queued.json["next_before"] == .null)
      let one = try await client.get("/v1/jobs?state=queued&limit=1")
      #expect(one.json["next_before"] == ids[2])
    }
  }

  @Test func jobsAreFilteredAndPaged() async throws {
    var ids: [JSON] = []
    for event in ["1", "2", "3"] { ids.insert(.string(try await bench.startJob(event: event).id.rawValue), at: 0) }
    try await TestClient.serving(bench.services) { client in
      let first = try await client.get("/v1/jobs?state=queued&pipeline=media&stage=scan&tenant_id=acme&limit=2")
      #expect([first.json["jobs"]?[0]?["id"], first.json["jobs"]?[1]?["id"]] == [ids[0], ids[1]])
      #expect(first.json["next_before"] == ids[1])
      guard case .string(let before)? = first.json["next_before"] else { return }
      let second = try await client.get("/v1/jobs?limit=2&before=\(before)")
      #expect(second.json["jobs"]?[0]?["id"] == ids[2])
      #expect(second.json["next_before"] == .null)
      for filter in ["state=failed", "pipeline=none", "stage=none", "tenant_id=none"] {
        #expect(try await client.get("/v1/jobs?\(filter)").json["jobs"] == [], "\(filter)")
      }
    }
  }

  @Test(arguments: [
    ("limit=0", "limit invalid"), ("limit=many", "limit invalid"), ("state=lost", "state invalid"),
    ("tenat_id=acme", "tenat_id unknown_parameter"), ("limit=1&limit=2", "limit duplicate"),
    ("stage=%zz", "query invalid"), ("stage=a%00", "stage invalid"),
  ])
  func aQueryThatMakesNoSenseIsRefused(query: String, problem: String) async throws {
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.get("/v1/jobs?\(query)")
      #expect(answer.status == 400)
      #expect(answer.problem == "invalid_query")
      #expect(answer.problems == [problem])
    }
  }

  @Test(
    "A page that begins behind what is not there is refused, and is not the end of the list",
    arguments: ["/v1/jobs", "/v1/dead", "/v1/runs", "/v1/jobs?state=queued"])
  func unknownPageStart(path: String) async throws {
    _ = try await bench.startJob()
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.get("\(path)\(path.contains("?") ? "&" : "?")before=nonsense")
      #expect(answer.status == 400)
      #expect(answer.problem == "invalid_query")
      #expect(answer.problems == ["before unknown"])
      #expect(try await client.get(path).status == 200)
    }
  }

  @Test("Many jobs are neither replayed nor cancelled behind one that is not there")
  func unknownSelectionStart() async throws {
    let job = try await bench.startJob()
    try await TestClient.serving(bench.services) { client in
      let body: JSON = ["all": true, "before": "nonsense", "by": "ada", "reason": "test"]
      for (path, code) in [("/v1/dead/replay", "invalid_replay"), ("/v1/jobs/cancel", "invalid_cancel")] {
        let answer = try await client.post(path, body)
        #expect(answer.status == 400)
        #expect(answer.problem == code)
        #expect(answer.problems == ["before unknown"])
      }
    }
    #expect(try await bench.store.job(job.id)?.standing.state == .queued)
  }

  @Test func aMisspeltParameterIsRecognised() async throws {
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.get("/v1/jobs?tenat_id=acme")
      #expect(answer.text.contains("did you mean tenant_id?"))
    }
  }
}
