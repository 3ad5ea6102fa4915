import Testing
import WorkerKit

/// More jobs than a Redis server has memory for.
@Suite("Redis at maxmemory", .timeLimit(.minutes(5)), .serialized)
struct MemoryLimitTests {
  @Test("Routing stops, hosts drain the queue, routing goes on by itself, and everything is done once: scenario 15")
  func holdsRouting() async throws {
    let count = 12_000
    try await MemoryLimitBench.run { bench in
      try await bench.record(count)
      try await bench.limitMemory(to: 500_000)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await bench.dispatch() }
        while bench.metrics.value(of: MetricName.routingHeld) == 0 { await Task.yield() }
        let held = try await bench.unrouted()
        #expect(held > 0)
        // What was refused is tried again, and an event now and then, to see whether there is room; nothing else is.
        let refusals = try await bench.refusals()
        while try await bench.refusals() < refusals + 5 { try Task.checkCancellation() }
        #expect(try await held - bench.unrouted() < 10)

        let done = try await bench.work(count)
        #expect(done.count == count)
        #expect(Set(done).count == count)
        #expect(try await bench.unrouted() == 0)
        while bench.metrics.value(of: MetricName.routingHeld) != 0 { await Task.yield() }
        group.cancelAll()
      }
    }
  }
}
