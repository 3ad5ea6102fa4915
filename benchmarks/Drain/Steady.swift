import Dispatcher
import DriverThreads
import Logging
import WorkerKit

/// No-op jobs at a steady rate, as several processes do them: two dispatchers and two hosts, each with connections of
/// its own, and a client that records events whatever becomes of the queue meanwhile.
struct Steady {
  let drain: Drain
  let settings: Settings

  /// How long nothing may end before the rest is given up.
  private static let patience = Duration.seconds(60)

  /// Returns how often a host was told that it had settled a job.
  func run(folder: String) async throws -> Int {
    var parts: [Parts] = []
    for _ in 0..<4 { parts.append(try await Parts(settings, folder: folder)) }
    let arrivals = [Signal(), Signal()]
    let tickers = [KeeperThread(), KeeperThread()]
    let hosts = zip(parts[2...], tickers).enumerated().map { number, each in
      host(HostID("host-\(number)"), each.0, each.1)
    }
    let settled = try await withThrowingTaskGroup(of: Void.self) { group in
      for (parts, arrivals) in zip(parts, arrivals) {
        group.addTask { await dispatch(parts, arrivals) }
        group.addTask { await reconcile(parts) }
      }
      for host in hosts { group.addTask { await host.run() } }
      print("at work")
      try await send(arrivals)
      let settled = try await untilSettled()
      for host in hosts { host.stop() }
      group.cancelAll()
      return settled
    }
    for ticker in tickers { ticker.close() }
    for parts in parts { await parts.close() }
    return settled
  }

  private func services(_ parts: Parts) -> HostServices {
    HostServices(
      store: parts.store, queue: parts.queue, registry: drain.services.registry, library: PipelineLibrary(),
      environment: .system, metrics: drain.services.metrics, log: drain.services.log)
  }

  private func host(_ id: HostID, _ parts: Parts, _ ticker: KeeperThread) -> Host {
    let configuration = HostConfiguration(
      id: id, lanes: [HostLane(queue: .standard, concurrency: settings.concurrency)], leaseLength: .seconds(15))
    return Host(configuration: configuration, services: services(parts), ticker: ticker)
  }

  private func dispatch(_ parts: Parts, _ arrivals: Signal) async {
    let library = PipelineLibrary()
    await EventRouter(
      store: parts.store, queue: parts.queue, plan: library.routePlanner(drain.set, planner: drain.planner),
      next: library.settlePlanner(drain.planner), arrivals: arrivals, pulse: Pulse(time: Environment.system.time),
      environment: .system, metrics: drain.services.metrics, log: drain.services.log
    ).run()
  }

  private func reconcile(_ parts: Parts) async {
    await Reconciler(
      store: parts.store, queue: parts.queue, environment: .system, metrics: drain.services.metrics,
      log: drain.services.log
    ).run()
  }

  /// Each array at its time, one after the other.
  private func send(_ arrivals: [Signal]) async throws {
    let (clock, size) = (ContinuousClock(), settings.recordBatch)
    let start = clock.now
    let body = JSON.object(["body": .string(String(repeating: "x", count: settings.payloadBytes))])
    for first in stride(from: 0, to: settings.jobs, by: size) {
      try await clock.sleep(until: start + .seconds(1) * first / settings.rate, tolerance: .zero)
      let now = Environment.system.time.now
      let events = (first..<min(first + size, settings.jobs)).map { _ in
        EventEnvelope(
          id: EventID(Environment.system.id()), type: "Noop", occurredAt: now, tenant: "bench", payload: body)
      }
      _ = try await drain.parts.store.record(events)
      for signal in arrivals { signal.raise() }
    }
    let late = clock.now - start - .seconds(1) * settings.jobs / settings.rate
    print("recorded: \(settings.jobs), done \(Int(late.inSeconds * 1000)) ms after the last one's time")
  }

  private func untilSettled() async throws -> Int {
    var (last, since) = (0, ContinuousClock.now)
    while last < settings.jobs, ContinuousClock.now - since < Self.patience {
      try await Task.sleep(for: .milliseconds(50))
      let settled = drain.settledJobs()
      if settled > last { (last, since) = (settled, .now) }
    }
    return drain.settledJobs()
  }
}
