import Dispatcher
import Foundation
import Synchronization
import Testing
import WorkerKit
import WorkerKitTesting

/// A dispatcher over a folder of pipeline files, whose queue is told what they limit and what is paused.
final class ProjectionDesk: Sendable {
  let bench: DecoupledBench
  let active: ActivePipelines
  let projection: QueueProjection
  private let folder: TemporaryFolder
  private let activator: PipelineActivator
  private let router: EventRouter
  private let pauses: PauseBox

  init() throws {
    bench = try DecoupledBench()
    folder = try TemporaryFolder()
    let library = PipelineLibrary()
    let active = ActivePipelines(library: library)
    let pauses = PauseBox()
    let projection = QueueProjection(
      queue: bench.queue, active: active, pauses: { pauses.read() }, environment: bench.environment,
      log: bench.logs.logger)
    self.pauses = pauses
    self.active = active
    self.projection = projection
    activator = PipelineActivator(
      folder: PipelineFolder(folder.path), name: "test", store: bench.store, active: active, library: library,
      registry: nil, environment: bench.environment, log: bench.logs.logger,
      announce: { set, number in
        #expect(active.number < number)
        await projection.announce(set, number: number)
      })
    let planner = Planner(registry: WorkerRegistry(), environment: bench.environment)
    router = EventRouter(
      store: bench.store, queue: bench.queue, plan: active.routePlanner(planner),
      next: library.settlePlanner(planner), arrivals: Signal(), pulse: Pulse(time: bench.time),
      environment: bench.environment, metrics: bench.metrics, log: bench.logs.logger)
  }

  /// What recovers the queue, as the server has it.
  var recovery: QueueRecovery {
    QueueRecovery(
      store: bench.store, queue: bench.queue,
      controls: { [projection] () async throws(DriverError) in try await projection.controls() })
  }

  /// Saves the pipeline with these keys of its stage, and has it looked at.
  func save(_ keys: String) async throws {
    let text = "pipeline: p\ntrigger: { event: Test }\nstages:\n  s: { uses: test.work\(keys) }\n"
    try Data(text.utf8).write(to: URL(filePath: "\(folder.path)/p.yaml"))
    _ = try await activator.open()
  }

  /// Records events, and routes them by what is active.
  func arrive(_ count: Int) async throws {
    let events = (0..<count).map { _ in
      EventEnvelope(
        id: EventID(bench.environment.id()), type: "Test", occurredAt: bench.time.now, tenant: "acme", payload: [:])
    }
    _ = try await bench.store.record(events)
    try await router.routeWaiting()
  }

  /// How many jobs a host gets that asks for more than there are.
  func granted() async throws -> Int {
    let request = LeaseRequest(queue: .standard, limit: 50, length: .seconds(600), host: "host", wait: .zero)
    return try await bench.queue.lease(request).count
  }

  /// Says what is paused from now on.
  func pause(_ scopes: PauseScope...) { pauses.put(Set(scopes)) }

  /// The loop at work while `body` runs, after its first look.
  func projecting(_ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { [projection] in await projection.run() }
      try await bench.time.waitForSleepers()
      try await body()
      group.cancelAll()
    }
  }

  /// Lets the loop look again, however long it waits.
  func look() async throws {
    let seen = projection.passed.count
    while projection.passed.count == seen {
      try await bench.time.waitForSleepers()
      bench.time.advance(by: .seconds(10))
      await Task.yield()
    }
  }
}

/// What a store says is paused.
final class PauseBox: Sendable {
  private let kept = Mutex<(version: Int64, scopes: Set<PauseScope>)>((0, []))

  func read() -> (version: Int64, scopes: Set<PauseScope>) { kept.withLock { $0 } }

  func put(_ scopes: Set<PauseScope>) { kept.withLock { $0 = ($0.version + 1, scopes) } }
}
