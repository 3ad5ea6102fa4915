import Testing
import WorkerKit
import WorkerKitTesting

@Suite("The courier")
struct CourierTests {
  private let store: FaultyStore
  private let queue: FaultyQueue
  private let time = ManualTime()

  init() {
    let environment = Environment.test(seed: 1, time: time)
    store = FaultyStore(InMemoryStore(environment: environment))
    queue = FaultyQueue(InMemoryQueue(environment: environment))
  }

  private var courier: Courier { Courier(store: store, queue: queue) }

  /// One event with one job, committed and not yet pushed.
  private func handoff() async throws -> Handoff {
    let event = EventEnvelope(id: "e1", type: "A", occurredAt: time.now, tenant: "acme", payload: [:])
    _ = try await store.record([event])
    let result = try await store.route(limit: 1) { _ in
      let job = NewJob(id: "j1", stage: "a", worker: "test.a", queue: "q", input: .resolved([]))
      return [NewRun(id: "r1", pipeline: "p", revision: "h", plan: RunPlan(jobs: [job]))]
    }
    return try #require(result.handoff)
  }

  private func overdue() async throws -> [Int64] {
    time.advance(by: InMemoryStore.handoffOverdue + .seconds(1))
    return try await store.due(limit: 10).map(\.id)
  }

  @Test func whatIsPushedHasArrived() async throws {
    try await courier.deliver(handoff())
    #expect(try await queue.known([FencedJob(job: "j1", fence: .first)]) == [.waiting])
    #expect(try await overdue().isEmpty)
  }

  @Test func whatTheQueueKnowsHasArrived() async throws {
    let handoff = try await handoff()
    _ = try await queue.push(handoff)
    try await courier.deliver(handoff)
    #expect(try await overdue().isEmpty)
  }

  @Test func whatIsRefusedIsLeft() async throws {
    let handoff = try await handoff()
    try await queue.open(Epoch.first.raised)
    try await courier.deliver(handoff)
    #expect(store.faults.calls(of: .arrived) == 0)
    #expect(try await overdue() == [handoff.id])
  }

  @Test func whatComesTooLateIsLeft() async throws {
    let handoff = try await handoff()
    time.advance(by: InMemoryStore.handoffLife + .seconds(1))
    try await courier.deliver(handoff)
    #expect(store.faults.calls(of: .arrived) == 0)
  }

  @Test func aPushThatFailsLeavesTheHandoff() async throws {
    let handoff = try await handoff()
    queue.faults.failNext(.push, with: DriverError(.unavailable, "gone", "The queue is gone."))
    await #expect(throws: DriverError.self) { try await courier.deliver(handoff) }
    #expect(try await overdue() == [handoff.id])
  }

  @Test func anArrivalThatIsLostIsSaidAgain() async throws {
    let handoff = try await handoff()
    store.faults.failNext(.arrived, with: DriverError(.unavailable, "gone", "The store is gone."))
    await #expect(throws: DriverError.self) { try await courier.deliver(handoff) }
    try await courier.deliver(handoff)
    #expect(store.faults.calls(of: .arrived) == 2)
    #expect(try await overdue().isEmpty)
  }

  @Test func nothingIsDelivered() async throws {
    try await courier.deliver(nil)
    #expect(queue.faults.calls(of: .push) == 0)
    #expect(store.faults.calls(of: .arrived) == 0)
  }
}
