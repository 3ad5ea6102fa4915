import Dispatcher
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Scheduler: the loop", .timeLimit(.minutes(5)))
struct SchedulerLoopTests {
  let bench: SchedulerBench

  init() throws { bench = try SchedulerBench() }

  /// Runs schedulers beside a body, which begins when all of them sleep.
  private func running(_ count: Int = 1, _ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<count {
        let scheduler = bench.scheduler()
        group.addTask { await scheduler.run() }
      }
      try await bench.time.waitForSleepers(count)
      try await body()
      group.cancelAll()
    }
  }

  /// Moves the clock minute by minute, each time after every scheduler has gone to sleep.
  private func pass(minutes: Int, schedulers: Int = 1) async throws {
    for _ in 0..<minutes {
      bench.time.advance(by: .seconds(60))
      try await bench.time.waitForSleepers(schedulers)
    }
  }

  @Test("two schedulers on one store fire each tick once")
  func twoSchedulers() async throws {
    try bench.activate(["nightly": "*/5 * * * *", "other": "* * * * *"])
    try await running(2) { try await pass(minutes: 60, schedulers: 2) }
    let metrics = bench.base.metrics
    #expect(metrics.value(of: MetricName.scheduleTicks, "nightly", "fired") == 12)
    #expect(metrics.value(of: MetricName.scheduleTicks, "other", "fired") == 60)
    #expect(metrics.value(of: MetricName.scheduleTicks, "other", "missed") == 0)
    #expect(try await bench.base.store.unroutedCount() == 72)
  }

  @Test("it sleeps until the tick, and says that an event has arrived")
  func sleepsUntilTheTick() async throws {
    bench.time.advance(by: .seconds(30))
    try bench.activate(["nightly": "1 0 * * *"])
    let arrivals = bench.base.arrivals.count
    try await running {
      bench.time.advance(by: .milliseconds(29_999))
      #expect(bench.base.arrivals.count == arrivals)
      bench.time.advance(by: .milliseconds(1))
      await bench.base.arrivals.wait(after: arrivals)
    }
    #expect(try await bench.recorded("nightly", among: ["2026-01-01T00:01:00.000Z"]).count == 1)
    #expect(bench.pulse.age == .zero)
  }

  @Test("a wall clock that was stepped forward is noticed within a minute")
  func noticesSteps() async throws {
    try bench.activate(["nightly": "0 3 * * *"])
    let arrivals = bench.base.arrivals.count
    try await running {
      bench.time.step(by: .seconds(4 * 3600))
      bench.time.advance(by: Scheduler.longestWait)
      await bench.base.arrivals.wait(after: arrivals)
    }
    #expect(try await bench.recorded("nightly", among: ["2026-01-01T03:00:00.000Z"]).count == 1)
  }

  @Test("pipelines that change are looked at at once")
  func noticesChanges() async throws {
    try await running {
      let calls = bench.base.store.faults.calls(of: .tick)
      try bench.activate(["nightly": "0 3 * * *"])
      bench.changes.raise()
      try await bench.base.store.faults.waitForCalls(of: .tick, count: calls + 1)
    }
    #expect(try await bench.base.store.ticks()["nightly"]?.time == bench.time.now)
    #expect(bench.time.monotonic == .zero)
  }

  @Test("a store that does not answer ends nothing, and what was due fires later")
  func survivesTheStore() async throws {
    try bench.activate(["nightly": "1 0 * * *"])
    let arrivals = bench.base.arrivals.count
    try await running {
      bench.base.store.faults.failNext(.tick, with: DriverError(.unavailable, "test", "A test."), times: 2)
      bench.time.advance(by: .seconds(60))
      for call in 2...4 {
        try await bench.base.store.faults.waitForCalls(of: .tick, count: call)
        if call < 4 {
          try await bench.time.waitForSleepers()
          bench.time.advance(by: .seconds(10))
        }
      }
      await bench.base.arrivals.wait(after: arrivals)
    }
    #expect(bench.base.logs.text.contains("Schedules could not be looked after"))
    #expect(try await bench.recorded("nightly", among: ["2026-01-01T00:01:00.000Z"]).count == 1)
  }

  @Test("a tick whose answer was lost is known the next time")
  func lostAnswer() async throws {
    try bench.activate(["nightly": "1 0 * * *"])
    try await bench.scheduler().fireDue()
    bench.time.advance(by: .seconds(60))
    let lost = Faults<FaultyStore.Verb>.lostAnswer
    bench.base.store.faults.loseAnswer(of: .tick)
    await #expect(throws: lost) { try await bench.scheduler().fireDue() }
    _ = try await bench.scheduler().fireDue()
    #expect(try await bench.base.store.unroutedCount() == 1)
  }

  @Test("what is wrong with a schedule is logged once, and the others tick")
  func logsOnce() async throws {
    try bench.activate(["nightly": "0 25 * * *", "good": "* * * * *"])
    try await running { try await pass(minutes: 3) }
    #expect(bench.base.logs.text.ranges(of: "A schedule cannot tick").count == 1)
    #expect(bench.base.metrics.value(of: MetricName.scheduleTicks, "good", "fired") == 3)
  }

  @Test("schedules are listed with their last and next ticks")
  func lists() async throws {
    try bench.activate(["nightly": "0 3 * * *", "broken": "0 25 * * *", "weekly": "@weekly"])
    try await bench.scheduler().fireDue()
    bench.time.advance(by: .seconds(86_400))
    try await bench.scheduler().fireDue()
    let routes = ScheduleRoutes(
      store: bench.base.store, pipelines: { bench.pipelines }, environment: bench.base.environment)
    try await TestClient.serving(bench.base.services, extensions: [routes]) { client in
      let answer = try await client.get("/v1/schedules")
      let expected: JSON = [
        "schedules": [
          [
            "pipeline": "broken", "cron": "0 25 * * *", "time_zone": "UTC", "last_tick": nil, "next_tick": nil,
            "problem": "cron: the hour is '25'; expected a number from 0 to 23",
          ],
          [
            "pipeline": "nightly", "cron": "0 3 * * *", "time_zone": "UTC", "last_tick": "2026-01-01T03:00:00.000Z",
            "next_tick": "2026-01-02T03:00:00.000Z",
          ],
          [
            "pipeline": "weekly", "cron": "@weekly", "time_zone": "UTC", "last_tick": nil,
            "next_tick": "2026-01-04T00:00:00.000Z",
          ],
        ]
      ]
      #expect(try JSONReader.parse(Array(answer.text.utf8)) == expected)
    }
  }
}
