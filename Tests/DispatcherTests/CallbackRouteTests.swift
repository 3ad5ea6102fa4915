import Dispatcher
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("POST /v1/jobs/{id}/callback", .timeLimit(.minutes(5)))
struct CallbackRouteTests {
  private static let secret = "a-secret-of-the-server"

  /// Serves a bench whose first job waits for a callback; `body` gets the path and the token.
  private func serving(
    _ body: (TestBench, TestClient, _ path: String, _ token: String) async throws -> Void
  ) async throws {
    let bench = try TestBench()
    let key = try #require(CallbackKey([UInt8](repeating: 3, count: CallbackKey.byteCount)))
    let job = try await bench.startJob()
    #expect(try await bench.settle(bench.lease(), as: .awaiting(within: .seconds(60))) == .settled)
    let hosting = HostServices(
      store: bench.store, queue: bench.queue, registry: WorkerRegistry(), library: bench.library,
      environment: bench.environment, metrics: bench.metrics, log: bench.logs.logger)
    let services = APIServices(
      store: bench.store, queue: bench.queue, library: bench.library, planner: bench.planner,
      environment: bench.environment, metrics: bench.metrics, log: bench.logs.logger, arrivals: bench.arrivals,
      callbacks: CallbackDesk(services: hosting, key: key))
    try await TestClient.serving(services, token: Self.secret) { client in
      try await body(
        bench, client.anonymous, "/v1/jobs/\(job.id)/callback",
        key.token(for: FencedJob(job: job.id, fence: job.standing.fence)))
    }
  }

  private func send(_ client: TestClient, _ path: String, _ token: String?, _ body: JSON) async throws -> Answer {
    try await client.send(
      "POST", path, body: body.bytes(), type: "application/json",
      headers: token.map { [Callback.tokenField: $0] } ?? [:])
  }

  @Test("An output settles the job and starts what follows; the server's token is not asked for")
  func settles() async throws {
    try await serving { bench, client, path, token in
      let answer = try await send(client, path, token, ["output": ["verdict": "clean"]])
      #expect(answer.status == 200)
      #expect(answer.json["outcome"] == "succeeded")
      let jobs = try await bench.store.jobs(JobFilter())
      #expect(Set(jobs.map(\.stage)) == ["scan", "index"])
      #expect(try await send(client, path, token, ["output": [:]]).problem == "callback_over")
      #expect(try await send(client, path, token, ["output": [:]]).status == 409)
    }
  }

  @Test("A failure is told by kind, code and message")
  func fails() async throws {
    try await serving { bench, client, path, token in
      let answer = try await send(
        client, path, token,
        ["failure": ["kind": "permanent", "code": "no_such_picture", "message": "There is no such picture."]])
      #expect(answer.status == 200)
      #expect(answer.json["outcome"] == "failed")
      let job = try #require(try await bench.store.jobs(JobFilter()).first)
      #expect(job.failure == Failure(.permanent, "no_such_picture", "There is no such picture."))
    }
  }

  @Test("Without the token, or with another, it is forbidden, and nothing is changed")
  func forbids() async throws {
    try await serving { bench, client, path, token in
      for wrong in [nil, "", "1.00", token + "0", String(token.dropLast())] {
        let answer = try await send(client, path, wrong, ["output": [:]])
        #expect(answer.status == 403)
        #expect(answer.problem == "callback_token")
      }
      #expect(try await send(client, "/v1/jobs/other/callback", token, ["output": [:]]).status == 403)
      #expect(try await bench.store.jobs(JobFilter()).first?.standing.awaitsCallback == true)
      // Other routes still ask for the server's token.
      #expect(try await client.get("/v1/jobs").status == 401)
    }
  }

  @Test(
    "A body that is no callback is told what is wrong with it",
    arguments: [
      ([:], ["output required"]), (["output": 1], ["output invalid"]),
      (["output": [:], "failure": [:]], ["failure conflict"]),
      (["output": [:], "outpt": 1], ["outpt unknown_field"]),
      (["failure": 1], ["failure invalid"]),
      (
        ["failure": ["kind": "crash", "code": "No", "more": 1]],
        ["failure.more unknown_field", "failure.kind invalid", "failure.code invalid", "failure.message invalid"]
      ),
    ] as [(JSON, [String])])
  func explains(_ body: JSON, _ problems: [String]) async throws {
    try await serving { bench, client, path, token in
      let answer = try await send(client, path, token, body)
      #expect(answer.status == 400)
      #expect(answer.problem == "invalid_callback")
      #expect(answer.problems == problems)
      #expect(try await bench.store.jobs(JobFilter()).first?.standing.awaitsCallback == true)
    }
  }
}
