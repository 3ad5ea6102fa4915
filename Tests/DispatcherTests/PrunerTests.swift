import Dispatcher
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Pruner")
struct PrunerTests {
  @Test func whatIsOverAndOldLeavesInStepsAndIsCounted() async throws {
    let bench = try DecoupledBench()
    let moment = bench.time.now
    let events = (0..<450).map { number in
      EventEnvelope(id: EventID("e\(number)"), type: "Test", occurredAt: moment, tenant: "acme", payload: [:])
    }
    _ = try await bench.store.record(events)
    _ = try await bench.store.route(limit: 1000) { _ in [] }
    _ = try await bench.startDeadLetter(event: "dead")
    bench.time.advance(by: .seconds(31 * 86_400))

    let pruner = Pruner(
      store: bench.store, policy: RetentionPolicy(), environment: bench.environment, metrics: bench.metrics,
      log: bench.logs.logger)
    try await pruner.pruneAll()
    #expect(try await bench.store.events(id: "e0", tenant: nil).isEmpty)
    #expect(try await bench.store.deadLetterCount() == 1)
    #expect(bench.metrics.value(of: MetricName.pruned, "events") == 450)
    #expect(bench.store.faults.calls(of: .prune) == 4)

    bench.time.advance(by: .seconds(60 * 86_400))
    try await pruner.pruneAll()
    #expect(try await bench.store.deadLetterCount() == 0)
    #expect(bench.metrics.value(of: MetricName.pruned, "dead_letters") == 1)
    #expect(bench.logs.text.contains("left by age"))
  }
}
