import Dispatcher
import Synchronization
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Back-pressure on what comes in", .timeLimit(.minutes(5)))
struct HeldIntakeTests {
  let bench: TestBench

  init() throws { bench = try TestBench() }

  private func envelope(_ id: String) -> JSON {
    ["id": .string(id), "type": "MediaUploaded", "tenant_id": "acme", "payload": ["object": "cat.png"]]
  }

  /// Has events wait that nobody announced.
  private func record(_ count: Int) async throws {
    _ = try await bench.store.record((0..<count).map { bench.event("waiting-\($0)") })
  }

  @Test("At the mark events are refused with 429 and a time to come back, and taken again once fewer wait")
  func refuses() async throws {
    let pressure = try bench.pressure(events: 10)
    try await record(10)
    try await TestClient.serving(bench.services(pressure: pressure)) { client in
      let refused = try await client.post("/v1/events", envelope("one"))
      #expect(refused.status == 429)
      #expect(refused.problem == "too_many_events")
      #expect(refused.json["title"] == "Too Many Requests")
      #expect(refused.json["waiting_events"] == 10)
      let seconds = try #require(refused.header("Retry-After").flatMap { Int($0) })
      #expect((2...8).contains(seconds))
      #expect(try await bench.store.events(id: "one", tenant: nil).isEmpty)
      #expect(bench.metrics.value(of: MetricName.intakeHeld) == 1)
      #expect(bench.metrics.value(of: MetricName.unroutedEvents) == 10)

      try await bench.router().routeWaiting()
      bench.time.advance(by: BackPressure.interval)
      #expect(try await client.post("/v1/events", envelope("one")).status == 202)
      #expect(bench.metrics.value(of: MetricName.intakeHeld) == 0)
    }
    #expect(bench.logs.text.contains("no more are taken in until fewer do"))
    #expect(bench.logs.text.contains("Events are taken in again."))
  }

  @Test("What comes in counts at once, not only when it is counted again")
  func countsWhatComes() async throws {
    let pressure = try bench.pressure(events: 10)
    try await TestClient.serving(bench.services(pressure: pressure)) { client in
      let taken = try await client.post("/v1/events", .array((0..<10).map { envelope("\($0)") }))
      #expect(taken.status == 202)
      #expect(try await client.post("/v1/events", envelope("more")).status == 429)
      let large = [UInt8](repeating: UInt8(ascii: " "), count: 1 << 20)
      #expect(try await client.send("POST", "/v1/events", body: large, type: "application/json").status == 429)
      #expect(try await client.get("/v1/events/1?tenant_id=acme").status == 200)
    }
  }

  @Test("Events come in while the queue does not answer")
  func needsNoQueue() async throws {
    let pressure = try bench.pressure()
    bench.queue.faults.hold(.depths)
    try await TestClient.serving(bench.services(pressure: pressure)) { client in
      let answer = try await client.post("/v1/events", envelope("one"))
      #expect(answer.status == 202)
    }
  }

  @Test("Near the mark senders wait, the longer the nearer it is")
  func slowsDown() async throws {
    let pressure = try bench.pressure(events: 100)
    try await record(89)
    #expect(await pressure.delay() == .zero)
    pressure.note(recorded: 6)
    #expect(await pressure.delay() == .milliseconds(250))
    try await TestClient.serving(bench.services(pressure: pressure)) { client in
      async let answer = client.post("/v1/events", envelope("one"))
      try await bench.time.waitForSleeper(until: .milliseconds(250))
      #expect(try await bench.store.events(id: "one", tenant: nil).isEmpty)
      bench.time.advance(by: .milliseconds(250))
      #expect(try await answer.status == 202)
    }
  }

  @Test("While a queue is full nothing is replayed into it, and previews are answered")
  func refusesReplays() async throws {
    let dead = try await bench.startDeadLetter()
    _ = try await bench.startJob(event: "e2")
    let pressure = try bench.pressure(jobs: 1)
    try await TestClient.serving(bench.services(pressure: pressure)) { client in
      let replay: JSON = [
        "jobs": [["id": .string(dead.id.rawValue)]], "by": "ada", "reason": "mended",
      ]
      let refused = try await client.post("/v1/dead/replay", replay)
      #expect(refused.status == 429)
      #expect(refused.problem == "queue_full")
      #expect(refused.json["full_queues"] == ["default"])
      #expect(refused.header("Retry-After") != nil)
      let events: [String: JSON] = [
        "type": "MediaUploaded", "from": "2025-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z", "by": "ada",
        "reason": "again",
      ]
      #expect(try await client.post("/v1/events/replay", .object(events)).problem == "queue_full")
      let preview = try await client.post(
        "/v1/events/replay", .object(events.merging(["dry_run": true]) { $1 }))
      #expect(preview.status == 200)

      let lease = try await bench.lease()
      #expect(try await bench.settle(lease, as: .failed(Failure(.permanent, "broken", "Broken."))) == .settled)
      bench.time.advance(by: BackPressure.interval)
      #expect(try await client.post("/v1/dead/replay", replay).json["replayed"] == 1)
    }
  }

  @Test("A server that holds back is ready, and says that it is degraded and why")
  func staysReady() async throws {
    let pressure = try bench.pressure(jobs: 2, events: 3)
    try await TestClient.serving(bench.services(checks: [.pressure(pressure)], pressure: pressure)) { client in
      let calm = try await client.get("/health/ready")
      #expect(calm.json["checks"]?[2] == ["name": "back-pressure", "status": "ok", "detail": nil])
      try await record(9)
      try await bench.router(pressure: pressure).routeWaiting()
      let answer = try await client.get("/health/ready")
      #expect(answer.status == 200)
      #expect(answer.json["status"] == "ready")
      #expect(answer.json["checks"]?[2]?["status"] == "degraded")
      #expect(answer.text.contains("Nothing is routed while queue default is full: 2 jobs wait in it, of 2."))
      #expect(answer.text.contains("No events are taken in while 7 wait to be routed, of 3."))
    }
  }

  @Test("Entries wait in the outbox meanwhile, and the loop goes on by itself")
  func holdsOutbox() async throws {
    let pressure = try bench.pressure(events: 5)
    let looks = Mutex(0)
    let pulse = Pulse(time: bench.time)
    try await record(5)
    let loop = OutboxLoop(
      arrivals: bench.arrivals, pulse: pulse, environment: bench.environment, metrics: bench.metrics,
      log: bench.logs.logger, pressure: pressure
    ) { [bench] _ async throws(DriverError) in
      let number = looks.withLock { count in
        count += 1
        return count
      }
      _ = try await bench.store.record([bench.event("outbox-\(number)")])
      return OutboxLoop.Look(taken: 1, refused: 0)
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await loop.run() }
      for step in 1...10 {
        try await bench.time.waitForSleeper(until: OutboxLoop.interval * step)
        bench.time.advance(by: OutboxLoop.interval)
      }
      #expect(looks.withLock { $0 } == 0)
      #expect(pulse.age.map { $0 <= OutboxLoop.interval } == true)
      try await bench.router().routeWaiting()
      while looks.withLock({ $0 }) == 0 {
        try await bench.time.waitForSleepers()
        bench.time.advance(by: OutboxLoop.interval)
      }
      group.cancelAll()
    }
  }
}
