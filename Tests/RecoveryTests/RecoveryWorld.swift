import Foundation
import PostgreSQLDriver
import RedisDriver
import Synchronization
import TestPostgres
import TestRedis
import Testing
import WorkerKit
import WorkerKitTesting

/// Two dispatchers and three hosts over real servers that a test may break, and a stream of events.
final class RecoveryWorld: Sendable {
  let postgres: PostgresServer
  let effects = Effects()
  let environment = Environment(time: FastTime(), random: SystemRandom())
  /// The test's own connections.
  let node: RecoveryNode
  private let nodes: [RecoveryNode]
  private let set: PipelineSet
  private let arrivals = Signal()
  private let acceptedEvents = Mutex<[EventID]>([])
  /// Where clients look for Redis: a link to the socket of the server that it is.
  private let socket: String

  static let database = "recovery"

  /// Where the queue is.
  private enum QueuePlace {
    /// In the Redis server that the link leads to.
    case link
    case redis(RedisAddress)
    case database
  }

  private init(_ postgres: PostgresServer, _ place: QueuePlace, url: String) throws {
    self.postgres = postgres
    set = try RecoveryPipeline.load()
    socket = NSTemporaryDirectory() + "redis-\(UUID().uuidString.prefix(8)).sock"
    let environment = environment
    let redis: RedisAddress? =
      switch place {
      case .link: RedisAddress(.socket(path: socket))
      case .redis(let address): address
      case .database: nil
      }
    func connect() throws -> RecoveryNode {
      try RecoveryNode(database: url, redis: redis, environment: environment)
    }
    node = try connect()
    nodes = try (0..<5).map { _ in try connect() }
  }

  deinit { unlink(socket) }

  /// Runs `body` while all are at work, and then checks what came of it. `address` makes the URL by which all connect,
  /// once the server has its database; its own where that is not given.
  static func with(
    postgres: PostgresServer? = nil, address: (PostgresServer) async throws -> String = { $0.url(database) },
    _ body: @escaping @Sendable (RecoveryWorld, RedisServer) async throws -> Void
  ) async throws {
    let redis = try await RedisServer.start()
    try await with(postgres: postgres, address: address, .link) { world in
      try world.point(to: redis)
      try await world.untilFilled()
      try await body(world, redis)
    }
  }

  /// The same with a queue at `queue`.
  static func with(
    queue: RedisAddress, _ body: @escaping @Sendable (RecoveryWorld) async throws -> Void
  ) async throws {
    try await with(postgres: nil, address: { $0.url(database) }, .redis(queue), body)
  }

  /// The same without a Redis server: the queue is in PostgreSQL as well.
  static func alone(
    postgres: PostgresServer? = nil, address: (PostgresServer) async throws -> String = { $0.url(database) },
    _ body: @escaping @Sendable (RecoveryWorld) async throws -> Void
  ) async throws {
    try await with(postgres: postgres, address: address, .database) { world in
      try await world.untilFilled()
      try await body(world)
    }
  }

  private static func with(
    postgres: PostgresServer?, address: (PostgresServer) async throws -> String, _ place: QueuePlace,
    _ body: @escaping @Sendable (RecoveryWorld) async throws -> Void
  ) async throws {
    let postgres = if let postgres { postgres } else { try await PostgresServer.start() }
    try await postgres.psql("CREATE DATABASE \(database) OWNER \(PostgresServer.role)")
    let migrator = PostgresMigrator(try PostgresConfiguration(postgres.url(database)))
    _ = try await migrator.migrate()
    await migrator.close()
    let world = try RecoveryWorld(postgres, place, url: await address(postgres))
    let result: Result<Void, any Error>
    do {
      _ = try await world.node.store.activate(world.set.revisions)
      result = .success(
        try await world.whileAllWork {
          try await body(world)
          try await world.untilAllEnded()
          try await RecoveryCheck(world: world).run()
        })
    } catch {
      result = .failure(error)
    }
    for node in world.nodes + [world.node] { await node.close() }
    try result.get()
  }

  /// Events of which the store has said that it keeps them.
  var accepted: [EventID] {
    get { acceptedEvents.withLock { $0 } }
    set { acceptedEvents.withLock { $0 = newValue } }
  }

  /// Leads every client that connects from now on to this server.
  func point(to redis: RedisServer) throws {
    unlink(socket)
    try FileManager.default.createSymbolicLink(atPath: socket, withDestinationPath: redis.socket)
  }

  /// Has `count` events accepted, so many at a time that there is always work and never much; each is sent again until
  /// the store has answered.
  func feed(_ count: Int) async throws {
    let (first, done) = (accepted.count, effects.completed)
    while accepted.count - first < count {
      try Task.checkCancellation()
      let seen = effects.changes.count
      guard (accepted.count - first) - (effects.completed - done) < 60 else {
        await effects.changes.wait(after: seen, atMost: .seconds(5), on: environment.time)
        continue
      }
      try await accept(10)
    }
  }

  private func accept(_ count: Int) async throws {
    let number = accepted.count
    let events = (number..<number + count).map { number in
      EventEnvelope(
        id: EventID(environment.id()), type: RecoveryPipeline.event, occurredAt: environment.time.now, tenant: "acme",
        payload: ["value": .integer(Int64(number))])
    }
    try await node.patiently { [node] () throws(DriverError) in _ = try await node.store.record(events) }
    acceptedEvents.withLock { $0 += events.map(\.id) }
    arrivals.raise()
  }

  /// Returns when so many jobs of the last stage were done.
  func untilCompleted(_ count: Int) async throws {
    try await until("\(count) jobs are done") { self.effects.completed >= count }
  }

  /// Returns when the store has begun another epoch, and the queue was filled in it.
  func untilEpoch(after epoch: Epoch) async throws {
    try await until("a new epoch has begun") {
      guard let current = try? await self.node.store.epoch(), current > epoch else { return false }
      return await self.node.isFilled(in: current)
    }
  }

  /// Returns when the queue was filled in the store's epoch.
  func untilFilled() async throws {
    try await untilEpoch(after: Epoch(rawValue: 0))
  }

  func untilAllEnded() async throws {
    try await until("everything has ended") {
      guard (try? await self.node.store.unroutedCount()) == 0 else { return false }
      let live: Set<JobState> = [.pending, .queued, .running]
      return (try? await self.node.store.jobs(JobFilter(states: live, limit: 1)).isEmpty) == true
    }
  }

  /// Asks again whenever a worker has done something, and now and then.
  func until(_ what: String, _ isSo: () async throws -> Bool) async throws {
    let end = environment.time.monotonic + Self.patience
    while true {
      let seen = effects.changes.count
      if try await isSo() { return }
      try Task.checkCancellation()
      guard environment.time.monotonic < end else {
        throw RecoveryProblem(description: "Waited in vain until \(what). \(await node.remains)")
      }
      await effects.changes.wait(after: seen, atMost: .seconds(1), on: environment.time)
    }
  }

  /// By the fast clock.
  static let patience = Duration.seconds(1800)

  private func whileAllWork(_ body: @escaping @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for node in nodes[..<2] {
        group.addTask { [set, arrivals, effects] in
          try await node.dispatch(set, arrivals: arrivals, effects: effects)
          return false
        }
      }
      for (index, node) in nodes[2...].enumerated() {
        group.addTask { [effects] in
          try await node.work(as: HostID("host-\(index)"), effects: effects)
          return false
        }
      }
      group.addTask {
        try await body()
        return true
      }
      defer { group.cancelAll() }
      while let isOver = try await group.next() { if isOver { return } }
    }
  }
}

/// Why a test has failed.
struct RecoveryProblem: Error, CustomStringConvertible {
  let description: String
}

extension RecoveryNode {
  /// Whether this is the store's epoch, and the queue was filled in it; false where a server is away.
  func isFilled(in epoch: Epoch) async -> Bool {
    guard (try? await queue.isOpen(in: epoch)) == true else { return false }
    return (try? await store.isFilled()) == true
  }

  /// What has not ended, for the message of a test that failed.
  var remains: String {
    get async {
      let live = try? await store.jobs(JobFilter(states: [.pending, .queued, .running], limit: 10))
      let claims = live?.map { "\($0.id) \($0.standing)" } ?? ["the store is away"]
      let depths = (try? await queue.depths()).map { "\($0)" } ?? "away"
      let unrouted = (try? await store.unroutedCount()).map { "\($0)" } ?? "?"
      return "Unrouted: \(unrouted); jobs: \(claims.joined(separator: ", ")); queue: \(depths)"
    }
  }

  /// Does what must be done in the end, however often a server is away.
  func patiently(_ body: @Sendable () async throws(DriverError) -> Void) async throws {
    while true {
      try Task.checkCancellation()
      do throws(DriverError) { return try await body() } catch {
        guard error.isTransient else { throw error }
        try await environment.time.sleep(for: .milliseconds(500))
      }
    }
  }
}
