import Dispatcher
import DriverThreads
import WorkerKit

extension Drain {
  /// Runs `body` while a router and a host are at work; it raises the signal where it has recorded something.
  func serving<Result: Sendable>(_ body: (Signal) async throws -> Result) async throws -> Result {
    let arrivals = Signal()
    let router = EventRouter(
      store: services.store, queue: services.queue, plan: services.library.routePlanner(set, planner: planner),
      next: services.library.settlePlanner(planner), arrivals: arrivals, pulse: Pulse(time: Environment.system.time),
      environment: .system, metrics: services.metrics, log: services.log)
    let ticker = KeeperThread()
    let host = Host(
      configuration: HostConfiguration(
        id: "bench", lanes: [HostLane(queue: .standard, concurrency: settings.concurrency)]),
      services: services, ticker: ticker)
    let result = try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await router.run() }
      group.addTask { await host.run() }
      let result = try await body(arrivals)
      host.stop()
      group.cancelAll()
      return result
    }
    ticker.close()
    return result
  }

  /// Records one event of the no-op, whose body begins with the moment at which it was made.
  func recordTimed(tenant: TenantID) async throws {
    let moment = String(BegunJobs.now)
    let body = moment + String(repeating: "x", count: max(0, settings.payloadBytes - moment.utf8.count))
    _ = try await parts.store.record([
      EventEnvelope(
        id: EventID(Environment.system.id()), type: "Noop", occurredAt: Environment.system.time.now, tenant: tenant,
        payload: .object(["body": .string(body)]))
    ])
  }
}
