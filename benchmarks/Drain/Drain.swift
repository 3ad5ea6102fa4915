import DriverThreads
import FoundationEssentials
import Logging
import WorkerKit

/// Drains no-op jobs: record, route, lease, run, settle.
struct Drain {
  let settings: Settings
  let parts: Parts
  let services: HostServices
  let set: PipelineSet
  let planner: Planner

  init(settings: Settings, parts: Parts) throws {
    self.settings = settings
    self.parts = parts
    var registry = WorkerRegistry()
    try registry.register(NoOpWorker(pause: .milliseconds(settings.work)))
    try registry.register(KeyedWorker(pause: .milliseconds(settings.work)))
    let files = NoOpWorker.pipelines(settings.limits) + [KeyedWorker.pipeline(settings)]
    let (set, problems) = PipelineSet.load(files: files, registry: registry)
    guard problems.isEmpty else { throw PipelineFileError(problems: problems) }
    self.set = set
    planner = Planner(registry: registry, environment: .system)
    services = HostServices(
      store: parts.store, queue: parts.queue, registry: registry, library: PipelineLibrary(),
      environment: .system, metrics: Metrics(), log: Logger(label: "bench"))
  }

  /// Makes the pipelines known to the store, and their limits to the queue.
  func activate() async throws {
    _ = try await parts.store.activate(set.revisions)
    try await parts.queue.project(QueueControls(version: 1, limits: set.limits))
  }

  /// Seconds for what is measured.
  func run() async throws -> [(part: String, seconds: Double)] {
    try await activate()
    return switch settings.way {
    case .parts: try await runParts()
    case .backlog: try await runBacklog()
    case .together: try await runTogether()
    case .wait, .pickup, .steady, .quiet, .keys: try await runWaiting()
    }
  }

  /// Seconds for each part, one after the other, and for all of it.
  private func runParts() async throws -> [(part: String, seconds: Double)] {
    let clock = ContinuousClock()
    let start = clock.now
    try await record()
    let recorded = clock.now
    try await route()
    let routed = clock.now
    let settled = await settle()
    return [
      ("record", (recorded - start).inSeconds), ("route", (routed - recorded).inSeconds),
      ("lease, run, settle", (settled - routed).inSeconds), ("record to settled", (settled - start).inSeconds),
    ]
  }

  /// Seconds for recording everything, and then for routing and settling it at the same time.
  private func runBacklog() async throws -> [(part: String, seconds: Double)] {
    let start = ContinuousClock.now
    try await record()
    let recorded = ContinuousClock.now
    async let routing: Void = route()
    let settled = await settle()
    try await routing
    return [("record", (recorded - start).inSeconds), ("recorded to settled", (settled - recorded).inSeconds)]
  }

  /// Seconds for all of it with the parts under way at the same time, as on a server under load.
  private func runTogether() async throws -> [(part: String, seconds: Double)] {
    let start = ContinuousClock.now
    async let recording: Void = record()
    async let routing: Void = route()
    let settled = await settle()
    _ = try await (recording, routing)
    return [("record to settled, all at once", (settled - start).inSeconds)]
  }

  /// Seconds until so many jobs wait in the store and the queue.
  func runWaiting() async throws -> [(part: String, seconds: Double)] {
    let start = ContinuousClock.now
    async let recording: Void = record()
    try await route()
    try await recording
    return [("record to waiting", (ContinuousClock.now - start).inSeconds)]
  }

  /// Records from several clients at once, each an array after the other.
  private func record() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for client in 0..<settings.clients { group.addTask { try await record(client) } }
      try await group.waitForAll()
    }
  }

  private func record(_ client: Int) async throws {
    let body = String(repeating: "x", count: settings.payloadBytes)
    let step = settings.recordBatch * settings.clients
    let type = settings.way == .wait ? "Parked" : "Noop"
    for start in stride(from: client * settings.recordBatch, to: settings.jobs, by: step) {
      let now = Environment.system.time.now
      let events = (start..<min(start + settings.recordBatch, settings.jobs)).map { number in
        EventEnvelope(
          id: EventID(Environment.system.id()), type: type, occurredAt: now,
          tenant: TenantID("bench-\(number % settings.tenants)"),
          payload: .object(["body": .string(body)]))
      }
      _ = try await parts.store.record(events)
    }
  }

  private func route() async throws {
    let plan = services.library.routePlanner(set, planner: planner)
    let next = services.library.settlePlanner(planner)
    let courier = Courier(store: parts.store, queue: parts.queue)
    var routed = 0
    while routed < settings.jobs {
      let result = try await parts.store.route(limit: 500, plan: plan, next: next)
      try await courier.deliver(result.handoff)
      routed += result.routed
      if result.routed == 0 { try await Task.sleep(for: .milliseconds(1)) }
    }
  }

  /// The moment at which the last job was settled: the host's own end, which waits for a beat, is not part of the work.
  private func settle() async -> ContinuousClock.Instant {
    let ticker = KeeperThread()
    let host = Host(
      configuration: HostConfiguration(
        id: "bench", lanes: [HostLane(queue: .standard, concurrency: settings.concurrency)],
        leaseWait: .milliseconds(5)),
      services: services, ticker: ticker)
    let settled = await withTaskGroup(of: Void.self) { group in
      group.addTask { await host.run() }
      while settledJobs() < settings.jobs { try? await Task.sleep(for: .milliseconds(5)) }
      let end = ContinuousClock.now
      host.stop()
      return end
    }
    ticker.close()
    return settled
  }

  /// How many jobs hosts were told to have settled.
  func settledJobs() -> Int {
    Int(services.metrics.value(of: MetricName.jobs, "noop", "work", "succeeded"))
  }
}

@main
enum Bench {
  static func main() async throws {
    let settings = Settings(arguments: Array(CommandLine.arguments.dropFirst()))
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("millrace-bench-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let parts = try await Parts(settings, folder: folder)
    print("no-op drain: \(settings.description), \(parts.name)")
    let drain = try Drain(settings: settings, parts: parts)
    switch settings.way {
    case .pickup: try await pickUp(drain)
    case .quiet: try await QuietTenant(drain: drain).run()
    case .keys: try await LimitedKeys(drain: drain).run()
    case .steady:
      _ = try await parts.store.activate(drain.set.revisions)
      print("settled: \(try await Steady(drain: drain, settings: settings).run(folder: folder))")
    case .parts, .backlog, .together, .wait: try await measure(drain)
    }
    await parts.close()
  }

  private static func measure(_ drain: Drain) async throws {
    for (part, seconds) in try await drain.run() {
      let rate = Int(Double(drain.settings.jobs) / seconds)
      print("\(part): \((seconds * 1000).rounded() / 1000) s, \(rate) jobs/s")
    }
  }

  /// Prints how soon jobs begin.
  private static func pickUp(_ drain: Drain) async throws {
    try await drain.activate()
    let waits = try await Pickup(drain: drain, rate: drain.settings.rate).run()
    print("\(drain.settings.rate)/s, milliseconds: \(Marks(waits))")
  }
}
