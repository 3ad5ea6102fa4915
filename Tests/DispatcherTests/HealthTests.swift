import Dispatcher
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Health and metrics", .timeLimit(.minutes(5)))
struct HealthTests {
  let bench: TestBench

  init() throws { bench = try TestBench() }

  private func checks(of answer: Answer) -> [String: JSON] {
    guard case .array(let checks)? = answer.json["checks"] else { return [:] }
    var states: [String: JSON] = [:]
    for check in checks {
      if case .string(let name)? = check["name"] { states[name] = check["status"] }
    }
    return states
  }

  @Test func readinessNamesWhatIsNeeded() async throws {
    let pulse = Pulse(time: bench.time)
    let services = bench.services(checks: [.pulse("router", of: pulse)])
    try await TestClient.serving(services) { client in
      let early = try await client.get("/health/ready")
      #expect(early.status == 503)
      #expect(checks(of: early) == ["store": "ok", "queue": "ok", "router": "failed"])
      pulse.beat()
      #expect(try await client.get("/health/ready").status == 200)
      bench.time.advance(by: .seconds(16))
      #expect(try await client.get("/health/ready").text.contains("has not done a pass for 16 seconds"))
    }
  }

  @Test func aStoreThatRefusesWritesIsNotReady() async throws {
    let readOnly = DriverError(.unavailable, "sqlite_read_only", "The database file may not be written.")
    bench.store.faults.failNext(.probe, with: readOnly)
    bench.queue.faults.failNext(.depths, with: readOnly)
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.get("/health/ready")
      #expect(answer.status == 503)
      #expect(answer.problem == "not_ready")
      #expect(checks(of: answer) == ["store": "failed", "queue": "failed"])
      #expect(answer.text.contains("sqlite_read_only"))
      #expect(answer.header("Retry-After") == "1")
      #expect(try await client.get("/health/ready").json["status"] == "ready")
      #expect(try await client.get("/health/live").json == ["status": "live"])
    }
  }

  @Test func gaugesAreFreshAndRequestsAreCountedByRoute() async throws {
    _ = try await bench.startDeadLetter()
    _ = try await bench.startJob(event: "e2")
    bench.time.advance(by: .seconds(5))
    try await TestClient.serving(bench.services) { client in
      _ = try await client.get("/v1/jobs/one")
      _ = try await client.get("/v1/jobs/two")
      _ = try await client.get("/nope")
      let answer = try await client.get("/metrics")
      #expect(answer.header("Content-Type")?.hasPrefix("text/plain; version=0.0.4") == true)
      let expected = [
        #"millrace_queue_depth{queue="default",state="waiting"} 1"#,
        #"millrace_queue_depth{queue="default",state="leased"} 0"#,
        #"millrace_queue_oldest_seconds{queue="default"} 5"#, "millrace_dead_letters 1",
        #"millrace_http_request_seconds_count{route="GET /v1/jobs/{id}",status="404"} 2"#,
        #"millrace_http_request_seconds_count{route="none",status="404"} 1"#,
      ]
      for line in expected { #expect(answer.text.contains(line + "\n"), "\(line)") }
      _ = try await bench.lease()
      let later = try await client.get("/metrics")
      #expect(later.text.contains(#"millrace_queue_depth{queue="default",state="leased"} 1"#))
    }
  }

  @Test func countersAreToldThoughTheStoreIsAway() async throws {
    bench.queue.faults.failNext(.depths, with: DriverError(.unavailable, "test", "A test."))
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.get("/metrics")
      #expect(answer.status == 200)
      #expect(answer.text.contains("# TYPE millrace_jobs_total counter"))
    }
    #expect(bench.logs.text.contains("Gauges could not be refreshed"))
  }
}
