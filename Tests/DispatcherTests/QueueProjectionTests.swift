import Dispatcher
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("What a queue is told of limits and pauses", .timeLimit(.minutes(5)))
struct QueueProjectionTests {
  let desk: ProjectionDesk

  init() throws { desk = try ProjectionDesk() }

  private static let broken = DriverError(.unavailable, "test", "A test.")

  @Test("a queue is opened with the limits of what is active")
  func opened() async throws {
    try await desk.save(", limit: { concurrency: 2 }")
    try await desk.recovery.open()
    try await desk.arrive(5)
    #expect(try await desk.granted() == 2)
    #expect(try await desk.granted() == 0)
  }

  @Test("an edited limit counts for what waits already, from the moment that its revision is active")
  func edited() async throws {
    try await desk.save(", limit: { concurrency: 1 }")
    try await desk.recovery.open()
    try await desk.arrive(10)
    #expect(try await desk.granted() == 1)
    try await desk.save(", limit: { concurrency: 4 }")
    #expect(try await desk.granted() == 3)
    try await desk.save(", limit: { concurrency: 2 }")
    #expect(try await desk.granted() == 0)
    try await desk.save(", limit: [{ concurrency: 6 }, { concurrency: 1 }]")
    // The jobs that wait know of the first limit alone.
    #expect(try await desk.granted() == 2)
    try await desk.save("")
    #expect(try await desk.granted() == 4)
  }

  @Test("a queue that is away when a limit changes is told when it is back, and the new set counts meanwhile")
  func away() async throws {
    try await desk.save(", limit: { concurrency: 1 }")
    try await desk.recovery.open()
    try await desk.projecting {
      desk.bench.queue.faults.failNext(.project, with: Self.broken)
      try await desk.save(", limit: { concurrency: 3 }")
      #expect(desk.bench.logs.text.contains("could not be told of the limits of new pipelines"))
      #expect(desk.active.set.limits == ["p/s/0": LimitRule(concurrency: 3)])
      try await desk.arrive(5)
      #expect(try await desk.granted() == 1)
      try await desk.look()
      #expect(try await desk.granted() == 2)
    }
  }

  @Test("the loop tries again after a growing wait, and says so")
  func retries() async throws {
    try await desk.save(", limit: { concurrency: 3 }")
    try await desk.recovery.open()
    try await desk.projecting {
      desk.pause(.tenant("acme"))
      desk.bench.queue.faults.failNext(.project, with: Self.broken)
      let calls = desk.bench.queue.faults.calls(of: .project)
      desk.projection.changed.raise()
      try await desk.bench.queue.faults.waitForCalls(of: .project, count: calls + 1)
      try await desk.look()
      #expect(desk.bench.logs.text.contains("could not be told of what is paused and limited"))
      try await desk.arrive(1)
      #expect(try await desk.granted() == 0)
    }
  }

  @Test("what is paused holds at once where the program knows, and else within a second")
  func pauses() async throws {
    try await desk.save("")
    try await desk.recovery.open()
    try await desk.arrive(3)
    try await desk.projecting {
      let seen = desk.projection.passed.count
      desk.pause(.pipeline("p"))
      desk.projection.changed.raise()
      await desk.projection.passed.wait(after: seen)
      #expect(try await desk.granted() == 0)
      desk.pause()
      try await desk.look()
      #expect(try await desk.granted() == 3)
    }
  }

  @Test("a queue that has lost everything is opened with what is in force")
  func lost() async throws {
    try await desk.save(", limit: { concurrency: 2 }")
    try await desk.recovery.open()
    desk.pause(.queue(.standard))
    try await desk.recovery.beginEpoch()
    try await desk.arrive(5)
    #expect(try await desk.granted() == 0)
    desk.pause()
    try await desk.projecting {
      let granted = try await desk.granted()
      #expect(granted == 2)
    }
  }

  @Test("what changes while a queue is opened is not lost")
  func changedWhileOpening() async throws {
    try await desk.save("")
    try await desk.arrive(1)
    let reads = Signal()
    let recovery = QueueRecovery(
      store: desk.bench.store, queue: desk.bench.queue,
      controls: {
        reads.raise()
        return reads.count == 1 ? QueueControls() : QueueControls(version: 1, paused: [.queue(.standard)])
      })
    try await recovery.beginEpoch()
    #expect(try await desk.granted() == 0)
  }

  @Test("a dispatcher that knows less takes nothing back")
  func late() async throws {
    try await desk.save(", limit: { concurrency: 1 }")
    try await desk.recovery.open()
    try await desk.save(", limit: { concurrency: 4 }")
    let late = QueueProjection(
      queue: desk.bench.queue, active: ActivePipelines(library: PipelineLibrary()),
      environment: desk.bench.environment, log: desk.bench.logs.logger)
    await late.announce(PipelineSet(), number: 1)
    try await desk.arrive(5)
    #expect(try await desk.granted() == 4)
  }

  @Test("before the queue is there for the first time, nobody is told of anything")
  func quiet() async throws {
    desk.bench.queue.faults.failNext(.project, with: Self.broken)
    try await desk.save(", limit: { concurrency: 1 }")
    #expect(!desk.bench.logs.text.contains("could not be told"))
  }
}
