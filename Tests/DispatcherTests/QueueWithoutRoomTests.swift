import Dispatcher
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("A queue whose server has no room", .timeLimit(.minutes(5)))
struct QueueWithoutRoomTests {
  let bench: DecoupledBench
  let pressure: BackPressure
  private let full = DriverError(.full, "test_full", "A test.")

  init() throws {
    bench = try DecoupledBench()
    pressure = BackPressure(
      store: bench.store, queue: bench.queue, queues: { [.standard] }, environment: bench.environment,
      metrics: bench.metrics, log: bench.logs.logger)
  }

  private func router() -> EventRouter {
    EventRouter(
      store: bench.store, queue: bench.queue, plan: bench.plan, next: { _ in RunPlan() }, arrivals: Signal(),
      pulse: Pulse(time: bench.time), environment: bench.environment, metrics: bench.metrics, log: bench.logs.logger,
      pressure: pressure)
  }

  private func record(_ ids: String...) async throws {
    _ = try await bench.store.record(
      ids.map {
        EventEnvelope(id: EventID($0), type: "Test", occurredAt: bench.time.now, tenant: "acme", payload: [:])
      })
  }

  private func waiting() async throws -> Int { try await bench.queue.depths().first?.waiting ?? 0 }

  @Test("Nothing more is routed until what was refused is in the queue")
  func holdsRouting() async throws {
    let router = router()
    bench.queue.faults.failNext(.push, with: full, times: 3)
    try await record("one", "two")
    #expect(try await router.routeWaiting().routed == 2)
    #expect(pressure.standing.isOutOfRoom)
    #expect(bench.metrics.value(of: MetricName.routingHeld) == 1)
    try await record("three")
    for _ in 0..<2 {
      #expect(try await router.routeWaiting().routed == 0)
      bench.time.advance(by: .seconds(1))
      #expect(try await router.routeWaiting().routed == 0)
    }
    #expect(bench.queue.faults.calls(of: .push) == 3)
    #expect(try await waiting() == 0)
    bench.time.advance(by: .seconds(1))
    #expect(try await router.routeWaiting().routed == 1)
    #expect(try await waiting() == 3)
    #expect(!pressure.standing.isOutOfRoom)
    #expect(bench.metrics.value(of: MetricName.routingHeld) == 0)
    #expect(bench.logs.text.contains("The queue's server has no room"))
    #expect(bench.logs.text.contains("Routing goes on after the queue's server had no room."))
  }

  @Test("What may no longer be pushed is left to the reconciler, and one event shows whether there is room")
  func triesOne() async throws {
    let router = router()
    bench.queue.faults.failNext(.push, with: full, times: 2)
    try await record("one")
    try await router.routeWaiting()
    bench.time.advance(by: .seconds(600))
    try await record("two", "three", "four")
    #expect(try await router.routeWaiting().routed == 1)
    bench.time.advance(by: .seconds(1))
    #expect(try await router.routeWaiting().routed == 2)
    #expect(try await waiting() == 3)
    try await bench.reconciler().redeliverOverdue()
    #expect(try await waiting() == 4)
  }

  @Test("Nothing is held back once nothing waits, though what was refused is left to the reconciler")
  func endsWithTheEvents() async throws {
    let router = router()
    bench.queue.faults.failNext(.push, with: full)
    try await record("one")
    try await router.routeWaiting()
    bench.time.advance(by: .seconds(600))
    try await router.routeWaiting()
    #expect(bench.metrics.value(of: MetricName.routingHeld) == 0)
    try await record("two", "three")
    #expect(try await router.routeWaiting().routed == 2)
  }

  @Test("A queue that is away is no full one: it is tried again as before")
  func awayIsNotFull() async throws {
    bench.queue.faults.failNext(.push, with: DriverError(.unavailable, "test", "A test."))
    try await record("one")
    let router = router()
    await #expect(throws: DriverError.self) { try await router.routeWaiting() }
    #expect(!pressure.isRoutingHeld)
    try await record("two")
    #expect(try await router.routeWaiting().routed == 1)
  }
}
