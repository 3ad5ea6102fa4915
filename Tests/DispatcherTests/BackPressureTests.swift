import Dispatcher
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Back-pressure on routing", .timeLimit(.minutes(5)))
struct BackPressureTests {
  let bench: TestBench

  init() throws { bench = try TestBench() }

  /// Has events wait.
  private func record(_ count: Int) async throws {
    _ = try await bench.store.record((0..<count).map { bench.event("e\($0)") })
  }

  private func waiting() async throws -> Int { try await bench.queue.depths().first?.waiting ?? 0 }

  /// Does the oldest job that is due with success.
  private func succeed() async throws {
    let output = Outcome.succeeded(output: Array(#"{"verdict": "clean"}"#.utf8), artifacts: [])
    #expect(try await bench.settle(bench.lease(), as: output) == .settled)
  }

  @Test("A full queue holds back routing until a tenth of it is gone, and nothing is lost")
  func holdsRouting() async throws {
    let pressure = try bench.pressure(jobs: 20)
    let router = try bench.router(pressure: pressure)
    try await record(50)
    #expect(try await router.routeWaiting().routed == 20)
    #expect(try await waiting() == 20)
    #expect(try await bench.store.unroutedCount() == 30)
    #expect(pressure.isRoutingHeld)
    #expect(bench.metrics.value(of: MetricName.queueFull, "default") == 1)
    #expect(bench.metrics.value(of: MetricName.routingHeld) == 1)

    // One fewer is not enough, or else it would be full again at once.
    _ = try await bench.lease()
    bench.time.advance(by: BackPressure.interval)
    #expect(try await router.routeWaiting().routed == 0)
    _ = try await bench.lease()
    #expect(try await router.routeWaiting().routed == 0, "What was counted holds for a while.")
    bench.time.advance(by: BackPressure.interval)
    #expect(try await router.routeWaiting().routed == 2)
    #expect(try await waiting() == 20)
    #expect(bench.logs.text.contains("A queue is full; nothing is routed until it has drained a little."))
    #expect(bench.logs.text.contains("A queue has room again."))
  }

  @Test("Settling is never held back: what follows goes into the full queue, which drains (scenario 15)")
  func settlesAboveTheMark() async throws {
    let pressure = try bench.pressure(jobs: 5)
    let router = try bench.router(pressure: pressure)
    try await record(40)
    try await router.routeWaiting()
    #expect(try await waiting() == 5)
    var done = 0
    while true {
      // Every scan makes an index job for the queue that is full.
      while try await waiting() > 0 {
        try await succeed()
        done += 1
      }
      bench.time.advance(by: BackPressure.interval)
      guard try await router.routeWaiting().routed > 0 else { break }
    }
    #expect(done == 80)
    #expect(try await bench.store.unroutedCount() == 0)
    let jobs = try await bench.store.jobs(JobFilter(limit: 1000))
    #expect(jobs.count == 80)
    #expect(jobs.allSatisfy { $0.standing.state == .succeeded })
    #expect(bench.metrics.value(of: MetricName.queueFull, "default") == 0)
    #expect(bench.metrics.value(of: MetricName.routingHeld) == 0)
  }

  @Test("Jobs whose time has not come count as waiting")
  func countsDelays() async throws {
    let pressure = try bench.pressure(jobs: 2)
    let router = try bench.router(pressure: pressure)
    try await record(2)
    try await router.routeWaiting()
    let failure = Failure(.transient, "away", "It is away.")
    for _ in 0..<2 {
      #expect(try await bench.settle(bench.lease(), as: .retry(failure, after: .seconds(600))) == .settled)
    }
    bench.time.advance(by: BackPressure.interval)
    _ = try await bench.store.record([bench.event("late")])
    #expect(try await router.routeWaiting().routed == 0)
    #expect(pressure.standing.full == ["default": 2])
  }

  @Test("What waits is counted every half second, and when as much was routed as there was room for")
  func countsSeldom() async throws {
    let pressure = try bench.pressure(jobs: 1000)
    let router = try bench.router(pressure: pressure)
    for number in 0..<10 {
      _ = try await bench.store.record([bench.event("a\(number)")])
      try await router.routeWaiting()
    }
    #expect(bench.queue.faults.calls(of: .depths) == 1)
    bench.time.advance(by: BackPressure.interval)
    try await router.routeWaiting()
    #expect(bench.queue.faults.calls(of: .depths) == 2)
    _ = try await bench.store.record((0..<2000).map { bench.event("b\($0)") })
    try await router.routeWaiting()
    #expect(bench.queue.faults.calls(of: .depths) == 3)
    #expect(try await waiting() == 1000)
  }

  @Test("A queue that no active pipeline names holds nothing back")
  func ignoresForeignQueues() async throws {
    let pressure = BackPressure(
      store: bench.store, queue: bench.queue, highWater: HighWater(jobs: 1, events: 1000), queues: { ["other"] },
      environment: bench.environment, metrics: bench.metrics, log: bench.logs.logger)
    try await record(30)
    #expect(try await bench.router(pressure: pressure).routeWaiting().routed == 30)
  }

  @Test("A queue that does not answer is not full, and neither is a store")
  func awayIsNotFull() async throws {
    let pressure = try bench.pressure(jobs: 2, events: 1)
    let router = try bench.router(pressure: pressure)
    try await record(10)
    try await router.routeWaiting()
    #expect(pressure.isRoutingHeld)
    #expect(await pressure.delay() == nil)
    bench.time.advance(by: BackPressure.interval)
    bench.queue.faults.failNext(.depths, with: DriverError(.unavailable, "test", "A test."))
    bench.store.faults.failNext(.read, with: DriverError(.unavailable, "test", "A test."))
    #expect(await pressure.allowance(upTo: 500) > 0)
    #expect(await pressure.delay() == .zero)
    #expect(pressure.standing.remark == nil)
  }

  @Test("The router goes on by itself, and its pulse beats while it is held back")
  func goesOn() async throws {
    let (pressure, pulse) = (try bench.pressure(jobs: 3), Pulse(time: bench.time))
    let router = try bench.router(pulse: pulse, pressure: pressure)
    try await record(9)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await router.run() }
      group.addTask { [time = bench.time] in
        while (try? await time.waitForSleepers()) != nil { time.advance(by: .milliseconds(100)) }
      }
      var done = 0
      while done < 18 {
        guard try await waiting() > 0 else {
          await Task.yield()
          continue
        }
        try await succeed()
        done += 1
      }
      group.cancelAll()
    }
    let age = try #require(pulse.age)
    #expect(age < .seconds(2))
    #expect(try await bench.store.jobs(JobFilter(limit: 100)).allSatisfy { $0.standing.state == .succeeded })
  }
}
