import Dispatcher
import DriverThreads
import Logging
import Synchronization
import WorkerKit

/// How soon no-op jobs begin whose events are recorded one by one, at a steady rate: from just before an event is
/// handed to the store until its worker runs. Recording, its commit, routing, the queue and the lease are all in it.
struct Pickup {
  let drain: Drain
  /// Events a second.
  let rate: Int

  /// Milliseconds of every event but those of the first second, sorted.
  func run() async throws -> [Double] {
    let arrivals = Signal()
    let services = drain.services
    let router = EventRouter(
      store: services.store, queue: services.queue,
      plan: services.library.routePlanner(drain.set, planner: drain.planner),
      next: services.library.settlePlanner(drain.planner), arrivals: arrivals,
      pulse: Pulse(time: Environment.system.time),
      environment: .system, metrics: services.metrics, log: services.log)
    let ticker = KeeperThread()
    let host = Host(
      configuration: HostConfiguration(
        id: "bench", lanes: [HostLane(queue: .standard, concurrency: drain.settings.concurrency)]),
      services: services, ticker: ticker)
    let sent = try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await router.run() }
      group.addTask { await host.run() }
      let sent = try await send(arrivals)
      while NoOpWorker.begun.count < sent { try await Task.sleep(for: .milliseconds(5)) }
      host.stop()
      group.cancelAll()
      return sent
    }
    ticker.close()
    return Array(NoOpWorker.begun.waits.dropFirst(min(rate, sent / 2))).sorted()
  }

  /// Each event at its time, whether those before it are recorded or not.
  private func send(_ arrivals: Signal) async throws -> Int {
    let clock = ContinuousClock()
    let start = clock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<drain.settings.jobs {
        try await clock.sleep(until: start + .seconds(1) * number / rate, tolerance: .zero)
        group.addTask {
          try await record()
          arrivals.raise()
        }
      }
      try await group.waitForAll()
    }
    return drain.settings.jobs
  }
}

extension Pickup {
  /// Records one event, whose body begins with the moment at which it was made.
  private func record() async throws {
    let moment = String(BegunJobs.now)
    let body = moment + String(repeating: "x", count: max(0, drain.settings.payloadBytes - moment.utf8.count))
    _ = try await drain.parts.store.record([
      EventEnvelope(
        id: EventID(Environment.system.id()), type: "Noop", occurredAt: Environment.system.time.now, tenant: "bench",
        payload: .object(["body": .string(body)]))
    ])
  }
}

/// When jobs began, as how long after their events were handed over.
final class BegunJobs: Sendable {
  private let all = Mutex<[Double]>([])

  var count: Int { all.withLock { $0.count } }
  /// Milliseconds, in the order in which the jobs began.
  var waits: [Double] { all.withLock { $0 } }

  /// Notes a job whose event was handed over at this moment of the clock of uptime, in nanoseconds.
  func note(since moment: UInt64) {
    let now = Self.now
    all.withLock { $0.append(Double(now - moment) / 1_000_000) }
  }

  /// Nanoseconds of the clock of uptime.
  static var now: UInt64 {
    let moment = Environment.system.time.monotonic.components
    return UInt64(moment.seconds) * 1_000_000_000 + UInt64(moment.attoseconds / 1_000_000_000)
  }
}
