import Dispatcher
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Routing by what is active", .timeLimit(.minutes(5)))
struct ActivePipelinesTests {
  let desk: PipelineDesk

  init() throws { desk = try PipelineDesk() }

  private var router: EventRouter {
    EventRouter(
      store: desk.bench.store, queue: desk.bench.queue, plan: desk.active.routePlanner(desk.bench.planner),
      next: desk.bench.library.settlePlanner(desk.bench.planner),
      arrivals: desk.bench.arrivals, pulse: Pulse(time: desk.bench.time), environment: desk.bench.environment,
      metrics: desk.bench.metrics, log: desk.bench.logs.logger, isOpen: { [active = desk.active] in !active.isEmpty })
  }

  private func record(_ id: String) async throws {
    _ = try await desk.bench.store.record([desk.bench.event(id, type: "Saved")])
  }

  @Test("The next batch is routed by the new revision, and a run under way keeps its own")
  func switches() async throws {
    try desk.write(PipelineDesk.text("one", note: "1", queue: "first"), to: "one.yaml")
    _ = try await desk.activator.open()
    try await record("e1")
    try await router.routeWaiting()
    try await desk.watching {
      try desk.write(PipelineDesk.text("one", note: "2", queue: "second"), to: "one.yaml")
      try await desk.look(2)
    }
    #expect(desk.active.queues == ["second"])
    try await record("e2")
    try await router.routeWaiting()
    let jobs = try await desk.bench.store.jobs(JobFilter())
    #expect(jobs.map(\.queue) == ["second", "first"])
    #expect(Set(jobs.map(\.revision)).count == 2)
    let first = try #require(jobs.last)
    #expect(desk.bench.library.pipeline(first.revision)?.description == "1")
  }

  @Test("Without a pipeline events wait, without a word, and are routed when there is one")
  func waits() async throws {
    _ = try await desk.activator.open()
    try await record("e1")
    #expect(try await router.routeWaiting().routed == 0)
    #expect(desk.bench.logs.text.isEmpty)
    #expect(throws: DriverError.self) {
      _ = try desk.active.routePlanner(desk.bench.planner)(desk.bench.event("e2", type: "Saved"))
    }
    try await desk.watching {
      try desk.write(PipelineDesk.text("one"), to: "one.yaml")
      try await desk.look(2)
    }
    #expect(try await router.routeWaiting().routed == 1)
  }
}
