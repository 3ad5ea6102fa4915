import Dispatcher
import Foundation
import Logging
import PostgreSQLDriver
import RedisDriver
import TestPostgres
import TestRedis
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Events of a stream, while servers go and come back", .timeLimit(.minutes(5)), .serialized)
struct StreamRecoveryTests {
  @Test("PostgreSQL stops as by a power cut, and ends sessions: every event is recorded, once")
  func survivesPostgres() async throws {
    try await StreamWorld.with { world in
      try await world.add(800, "first")
      try await world.untilRecorded(100)
      try await world.postgres.stop()
      try await world.add(400, "second")
      try await world.postgres.start()
      try await world.untilRecorded(900)
      try await world.postgres.psql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '\(PostgresServer.role)'")
      // What was sent again is known.
      try await world.add(800, "first")
      try await world.untilTaken()
      #expect(try await world.recorded() == 1200)
      #expect(try await world.recorded(of: "first") == 800)
    }
  }

  @Test("Redis is emptied in the middle: what comes after is recorded, and nothing twice")
  func survivesFlush() async throws {
    try await StreamWorld.with { world in
      try await world.add(800, "lost")
      try await world.untilRecorded(1)
      try await world.redis.command("FLUSHALL")
      try await world.add(400, "kept")
      try await world.untilTaken()
      #expect(try await world.recorded(of: "kept") == 400)
      #expect(try await world.recorded(of: "lost") <= 800)
    }
  }

  @Test("Redis is stopped and started empty: the loops take what comes then")
  func survivesRestart() async throws {
    try await StreamWorld.with { world in
      try await world.add(50, "before")
      try await world.untilTaken()
      world.redis.kill()
      let other = try await RedisServer.start(replacing: world.redis)
      try await world.add(50, "after", to: other)
      try await world.untilTaken(on: other)
      #expect(try await world.recorded() == 100)
    }
  }
}

/// Two dispatchers that take from one stream, in processes' stead with connections of their own, over real servers.
private struct StreamWorld {
  let postgres: PostgresServer
  let redis: RedisServer
  private let environment = Environment(time: FastTime(), random: SystemRandom())

  private static let database = "streams"
  /// Short, so that what one holds others claim now and then although it lives.
  private static let bounds = RedisStreamBounds(claimAfter: .milliseconds(50))

  /// Runs `body` while both are at work.
  static func with(_ body: (StreamWorld) async throws -> Void) async throws {
    let world = StreamWorld(postgres: try await PostgresServer.start(), redis: try await RedisServer.start())
    try await world.postgres.psql("CREATE DATABASE \(database) OWNER \(PostgresServer.role)")
    let migrator = PostgresMigrator(try PostgresConfiguration(world.postgres.url(database)))
    _ = try await migrator.migrate()
    await migrator.close()
    let nodes = try (0..<2).map { _ in
      try RecoveryNode(
        database: world.postgres.url(database), redis: RedisAddress(.socket(path: world.redis.socket)),
        environment: world.environment)
    }
    let streams = nodes.map { _ in
      RedisEventStream(
        RedisSettings(RedisAddress(.socket(path: world.redis.socket))), bounds: bounds, environment: world.environment)
    }
    let result: Result<Void, any Error> = await withTaskGroup(of: Void.self) { group in
      for (node, stream) in zip(nodes, streams) { group.addTask { await world.loop(node, stream).run() } }
      let result: Result<Void, any Error>
      do { result = .success(try await body(world)) } catch { result = .failure(error) }
      group.cancelAll()
      return result
    }
    for stream in streams { await stream.close() }
    for node in nodes { await node.close() }
    try result.get()
  }

  private func loop(_ node: RecoveryNode, _ stream: RedisEventStream) -> EventStreamLoop {
    EventStreamLoop(
      stream: stream, store: node.store, library: PipelineLibrary(), arrivals: Signal(),
      pulse: Pulse(time: environment.time), environment: environment, metrics: Metrics(),
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  /// Adds events of this source, numbered from 1.
  func add(_ count: Int, _ source: String, to server: RedisServer? = nil) async throws {
    let event =
      #"{"id": "' .. n .. '", "source": "\#(source)", "type": "Counted", "tenant_id": "acme", "payload": {}}"#
    let script =
      "for n = 1, tonumber(ARGV[1]) do redis.call('XADD', KEYS[1], '*', 'event', '\(event)') end return 'done'"
    let answer = try await (server ?? redis).command("EVAL", script, "1", "millrace:events", "\(count)")
    #expect(answer == "done")
  }

  /// Returns when at least so many events are recorded.
  func untilRecorded(_ count: Int) async throws {
    while try await recorded() < count { try Task.checkCancellation() }
  }

  /// Returns when the stream is empty.
  func untilTaken(on server: RedisServer? = nil) async throws {
    while try await (server ?? redis).command("XLEN", "millrace:events") != "0" { try Task.checkCancellation() }
  }

  /// How many events are recorded, of one source or of all.
  func recorded(of source: String? = nil) async throws -> Int {
    let filter = source.map { " WHERE source = '\($0)'" } ?? ""
    let count = try await postgres.psql("SELECT count(*) FROM millrace.events\(filter)", database: Self.database)
    return try #require(Int(count))
  }
}
