import Dispatcher
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Event router", .timeLimit(.minutes(5)))
struct RouterTests {
  let bench: TestBench

  init() throws { bench = try TestBench() }

  /// Returns when a job waits in the queue.
  private func pushedJob() async throws {
    try await bench.store.faults.waitForCalls(of: .route)
    while try await bench.queue.depths().allSatisfy({ $0.waiting == 0 }) { await Task.yield() }
  }

  @Test func everythingThatWaitsIsRouted() async throws {
    _ = try await bench.store.record((0..<1201).map { bench.event("\($0)") } + [bench.event("x", type: "Other")])
    let result = try await bench.router().routeWaiting()
    #expect(result.routed == 1202)
    #expect(try await bench.store.unroutedCount() == 0)
    #expect(try await bench.queue.depths().map(\.waiting) == [1201])
    #expect(bench.store.faults.calls(of: .route) == 3)
  }

  @Test func anArrivalIsRoutedAtOnce() async throws {
    let router = try bench.router()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await router.run() }
      try await bench.time.waitForSleepers()
      _ = try await bench.store.record([bench.event("e1")])
      bench.arrivals.raise()
      try await pushedJob()
      group.cancelAll()
    }
    #expect(bench.time.monotonic == .zero)
  }

  @Test func anEventThatNobodyAnnouncedIsRoutedWithinASecond() async throws {
    let router = try bench.router()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await router.run() }
      try await bench.time.waitForSleepers()
      _ = try await bench.store.record([bench.event("e1")])
      bench.time.advance(by: .seconds(1))
      try await pushedJob()
      group.cancelAll()
    }
  }

  @Test func anUnreachableStoreDoesNotEndTheLoop() async throws {
    bench.store.faults.failNext(.route, with: DriverError(.unavailable, "test", "A test."), times: 3)
    // The fourth call has routed, and is answered when it may be.
    bench.store.faults.holdAnswers(of: .route)
    let pulse = Pulse(time: bench.time)
    let router = try bench.router(pulse: pulse)
    _ = try await bench.store.record([bench.event("e1")])
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await router.run() }
      group.addTask { [time = bench.time] in
        while (try? await time.waitForSleepers()) != nil { time.advance(by: .seconds(10)) }
      }
      try await bench.store.faults.waitForCalls(of: .route, count: 4)
      #expect(pulse.age == nil)
      bench.store.faults.release(.route)
      try await pushedJob()
      group.cancelAll()
    }
    #expect(pulse.age != nil)
    #expect(bench.logs.text.contains("could not be routed"))
  }

  @Test func anEventThatCannotBePlannedHoldsNobodyUp() async throws {
    struct PlanFailure: Error {}
    let plan = try bench.library.routePlanner(bench.pipelines(), planner: bench.planner)
    let router = try bench.router(plan: { event in
      if event.id == "bad" { throw PlanFailure() }
      return try plan(event)
    })
    _ = try await bench.store.record([bench.event("bad"), bench.event("good")])
    let result = try await router.routeWaiting()
    #expect(result.routed == 1)
    #expect(result.failed == ["bad"])
    #expect(try await bench.store.unroutedCount() == 1)
  }
}
