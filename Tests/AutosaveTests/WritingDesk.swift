import AutosaveWorker
import FoundationEssentials
import Logging
import SQLiteDriver
import Testing
import WorkerKit
import WorkerKitTesting

/// The pairs of drivers that saves are tried on.
enum SavingPair: String, CaseIterable, Sendable {
  case inMemory = "in memory"
  case sqlite = "SQLite"
}

/// The pipeline that ships, a host with the real worker, and a clock that stands still until it is moved.
final class WritingDesk: Sendable {
  let time = ManualTime()
  let environment: Environment
  let pair: SeamPair
  let shelf: WatchedShelf
  let policy: CoalescePolicy
  private let host: Host
  private let ticker = ManualTicker()
  private let pipelines: PipelineSet
  private let library = PipelineLibrary()
  private let planner: Planner

  init(_ kind: SavingPair, seed: UInt64) async throws {
    environment = .test(seed: seed, time: time)
    let inner: any RevisionShelf
    switch kind {
    case .inMemory:
      pair = SeamPair(
        store: InMemoryStore(environment: environment), queue: InMemoryQueue(environment: environment))
      inner = MemoryShelf()
    case .sqlite:
      let folder = FileManager.default.temporaryDirectory.appending(path: "writing-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let embedded = try SQLiteEmbedded(path: "\(folder)/millrace.db", environment: environment)
      pair = SeamPair(store: embedded.store, queue: embedded.queue) {
        await embedded.database.close()
        try? FileManager.default.removeItem(atPath: folder)
      }
      inner = try await SQLiteRevisionShelf(database: embedded.database)
    }
    shelf = WatchedShelf(inner, environment: environment)
    var registry = WorkerRegistry()
    try registry.register(PersistWorker(shelf: shelf))
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../pipelines/autosave.yaml")
    let pipeline = try Pipeline.compile(
      try String(contentsOf: file, encoding: .utf8), file: "autosave.yaml", registry: registry)
    policy = try #require(pipeline.stage("persist")?.policy.coalesce)
    pipelines = PipelineSet([pipeline])
    planner = Planner(registry: registry, environment: environment)
    host = Host(
      configuration: HostConfiguration(
        id: "host", lanes: [HostLane(queue: PersistWorker.queue, concurrency: 8)], leaseLength: .seconds(60),
        grace: .seconds(20), leaseWait: .seconds(1)),
      services: HostServices(
        store: pair.store, queue: pair.queue, registry: registry, library: library, environment: environment,
        metrics: Metrics(), log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, emitted: Signal()),
      ticker: ticker)
    _ = try await pair.store.activate(pipelines.revisions)
  }

  /// Runs the host beside `body`, and stops it.
  func working(_ body: () async throws -> Void) async {
    await withTaskGroup(of: Void.self) { group in
      let ended = Signal()
      group.addTask { [host] in
        await host.run()
        ended.raise()
      }
      do { try await body() } catch { Issue.record(error) }
      host.stop()
      ticker.beatFreely()
      group.addTask { [self] in
        while !Task.isCancelled, (try? await time.waitForSleepers()) != nil {
          time.advance(by: .seconds(1))
          await Task.yield()
        }
      }
      await ended.wait(after: 0)
      group.cancelAll()
    }
    await pair.close()
  }

  /// Sends events at once, as an API's instances do.
  func send(_ events: [EventEnvelope]) async throws {
    let routePlan = library.routePlanner(pipelines, planner: planner)
    let (store, queue, next) = (pair.store, pair.queue, library.settlePlanner(planner))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for event in events {
        group.addTask {
          _ = try await store.record([event])
          let result = try await store.route(limit: 100, plan: routePlan, next: next)
          try await Courier(store: store, queue: queue).deliver(result.handoff)
        }
      }
      try await group.waitForAll()
    }
  }

  /// Moves the clock on, and lets the host see to it.
  func pass(_ length: Duration) async throws {
    time.advance(by: length)
    try await ticker.beat()
  }

  /// Every job, once none is live any more.
  func ended() async throws -> [Job] {
    while true {
      let jobs = try await jobs()
      if !jobs.contains(where: \.standing.state.isLive) { return jobs }
      try await pass(.milliseconds(100))
      await Task.yield()
    }
  }

  private func jobs() async throws -> [Job] {
    var jobs: [Job] = []
    while true {
      let page = try await pair.store.jobs(JobFilter(before: jobs.last?.id, limit: 1000))
      jobs += page
      if page.count < 1000 { return jobs }
    }
  }
}
