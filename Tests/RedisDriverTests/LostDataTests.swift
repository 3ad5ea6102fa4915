import Dispatcher
import FoundationEssentials
import Logging
import RedisDriver
import TestRedis
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("A Redis server that has lost its data, or an older copy of it", .timeLimit(.minutes(5)))
struct LostDataTests {
  @Test("A flush under way loses no job and ends none twice")
  func survivesFlush() async throws {
    try await RedisBench.alone { bench in
      let world = LostDataWorld(bench)
      let recovery = QueueRecovery(store: world.store, queue: bench.queue)
      try await recovery.open()
      try await world.start(60)
      let first = try await bench.lease(20)
      #expect(try await world.settle(Array(first[..<10])) == 10)
      try await bench.server.command("FLUSHALL")
      await bench.expectFailure("redis_not_open", .unavailable) { _ = try await bench.lease() }
      await bench.expectFailure("redis_not_open", .unavailable) { _ = try await bench.queue.renew(first) }
      // What a holder settles before anybody noticed counts.
      #expect(try await world.settle(Array(first[10..<15]), telling: false) == 5)
      try await world.start(5)
      try await world.reconciler.recoverQueue()
      try await world.reconciler.redeliverOverdue()
      #expect(try await bench.queue.renew(Array(first[15...])) == first[15...].map { _ in .lost })
      let second = try await bench.lease(100)
      #expect(second.count == 50)
      #expect(Set(second.map(\.authority.job)).isDisjoint(with: first[..<15].map(\.authority.job)))
      #expect(try await world.settle(second) == 50)
      #expect(try await world.settle(Array(first[15...]), telling: false) == 0)
      #expect(try await bench.queue.depths().isEmpty)
      #expect(try await world.succeeded() == 65)
    }
  }

  @Test("Hosts that work on while the server is flushed, again and again, end every job once")
  func survivesFlushesUnderLoad() async throws {
    try await RedisBench.alone { bench in
      let world = LostDataWorld(bench)
      try await QueueRecovery(store: world.store, queue: bench.queue).open()
      try await world.start(400)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 {
          group.addTask { while try await world.succeeded() < 400 { try await world.workOrRecover() } }
        }
        for count in [50, 120, 190, 260, 330] {
          while try await world.succeeded() < count { await Task.yield() }
          try await bench.server.command("FLUSHALL")
        }
        try await group.waitForAll()
      }
      for job in try await world.jobs() {
        #expect(try await world.store.attempts(of: job.id).count { $0.outcome == "succeeded" } == 1)
      }
    }
  }

  @Test("A restart with the data is another incarnation, and so is an older copy")
  func noticesRestoredData() async throws {
    let server = try await RedisServer.start(["--appendonly", "yes"])
    let bench = RedisBench(server)
    try await bench.queue.open(.first)
    try await bench.push("job")
    _ = try await bench.leaseOne()
    server.kill()
    let second = try await RedisServer.start(["--appendonly", "yes"], replacing: server)
    #expect(try await second.command("DBSIZE") != "0")
    bench.time.advance(by: .seconds(2))
    await bench.expectFailure("redis_not_open", .unavailable) { _ = try await bench.lease() }
    await bench.expectFailure("redis_not_open", .unavailable) { _ = try await bench.queue.expired(limit: 9) }
    #expect(try await bench.push("other") == [.refused])
    try await bench.queue.open(.first)
    #expect(try await !bench.queue.isOpen(in: .first))
    try await bench.queue.open(.first.raised)
    #expect(try await bench.queue.isOpen(in: .first.raised))
    #expect(try await bench.lease().isEmpty)
    #expect(try await bench.queue.known([FencedJob(job: "job", fence: .first)]) == [.unknown])
    await bench.queue.close()
    second.kill()
  }

  @Test("A replica that was promoted is another incarnation, under the same address")
  func noticesFailover() async throws {
    try await RedisBench.alone { bench in
      try await bench.push("job")
      // A new history of the data, as after a promotion, and the same process.
      try await bench.server.command("REPLICAOF", "127.0.0.1", "1")
      try await bench.server.command("REPLICAOF", "NO", "ONE")
      #expect(try await !bench.queue.isOpen(in: .first))
      await bench.expectFailure("redis_not_open", .unavailable) { _ = try await bench.lease() }
    }
  }

  @Test("An epoch that was opened by halves is opened to the end")
  func opensToTheEnd() async throws {
    try await RedisBench.shared { bench in
      for queue: QueueName in ["media", "mail"] {
        try await bench.push([QueueEntry(job: JobID("job-\(queue)"), fence: .first, queue: queue)])
      }
      // As far as a dispatcher came that was killed.
      try await bench.server.command("HSET", "{\(bench.prefix)}:open", "epoch", "2")
      #expect(try await !bench.queue.isOpen(in: .first.raised))
      try await bench.queue.open(.first.raised)
      #expect(try await bench.queue.isOpen(in: .first.raised))
      #expect(try await bench.queue.depths().isEmpty)
    }
  }
}

/// A store beside the queue, for the test of a flush.
private struct LostDataWorld: Sendable {
  let bench: RedisBench
  let store: InMemoryStore
  let environment: Environment
  let reconciler: Reconciler

  init(_ bench: RedisBench) {
    self.bench = bench
    environment = .test(seed: 5, time: bench.time)
    store = InMemoryStore(environment: environment)
    reconciler = Reconciler(
      store: store, queue: bench.queue, environment: environment, metrics: Metrics(),
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  /// One run of one job for every event.
  private var plan: RoutePlanner {
    { [environment] _ in
      let job = NewJob(
        id: JobID(environment.id()), stage: "work", worker: "test.work", queue: .standard,
        input: .resolved(Array("{}".utf8)))
      return [
        NewRun(id: RunID(environment.id()), pipeline: "test", revision: "none", plan: RunPlan(jobs: [job]))
      ]
    }
  }

  /// Creates runs of one job each, and pushes them.
  func start(_ count: Int) async throws {
    let events = (0..<count).map { _ in
      EventEnvelope(
        id: EventID(environment.id()), type: "Checked", occurredAt: bench.time.now, tenant: "acme", payload: [:])
    }
    _ = try await store.record(events)
    let result = try await store.route(limit: count, plan: plan)
    try await Courier(store: store, queue: bench.queue).deliver(result.handoff)
  }

  /// Settles with success; gives how many were settled.
  func settle(_ leases: [Lease], telling: Bool = true) async throws(DriverError) -> Int {
    let settlements = leases.map {
      Settlement(
        authority: $0.authority, outcome: .succeeded(output: [], artifacts: []), host: "host",
        startedAt: bench.time.now)
    }
    let result = try await store.settle(settlements) { _ in RunPlan(state: .succeeded) }
    if telling { _ = try await bench.queue.finish(leases.map(\.authority)) }
    return result.answers.count { $0 == .settled }
  }

  /// Does some of the work as a host does; what is lost it recovers as a dispatcher does.
  func workOrRecover() async throws {
    do throws(DriverError) {
      let leases = try await bench.queue.lease(bench.request(7))
      _ = try await settle(leases)
    } catch {
      #expect(error.code == Self.notOpen)
      do throws(DriverError) { try await reconciler.recoverQueue() } catch { #expect(error.code == Self.notOpen) }
    }
  }

  private static let notOpen = "redis_not_open"

  func jobs() async throws(DriverError) -> [Job] { try await store.jobs(JobFilter(limit: 1000)) }

  func succeeded() async throws(DriverError) -> Int {
    try await jobs().count { $0.standing.state == .succeeded }
  }
}
