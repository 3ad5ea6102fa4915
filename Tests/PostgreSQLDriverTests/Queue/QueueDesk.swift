import TestPostgres
import Testing
import WorkerKit
import WorkerKitTesting

@testable import PostgreSQLDriver

/// A queue with a database of its own, and what its tests do to it. Hosts' clocks are the test's; the server's is its
/// own, unless the test gives one.
struct QueueDesk: Sendable {
  let database: PostgresDatabase
  let pool: PostgresPool
  let time: ManualTime
  let queue: PostgresQueue

  static let length = Duration.seconds(60)

  /// Runs `body` with a queue, opened in the first epoch, on the shared server or another.
  static func with(
    _ server: PostgresServer? = nil, isTimed: Bool = false, _ body: (QueueDesk) async throws -> Void
  ) async throws {
    let server = if let server { server } else { try await PostgresServer.shared() }
    try await server.withDatabase(from: .migrated) { database in
      try await PostgresPool.with(database.url) { pool in
        let time = ManualTime()
        let desk = QueueDesk(
          database: database, pool: pool, time: time, queue: queue(pool, time, isTimed: isTimed))
        let result: Result<Void, any Error>
        do {
          try await desk.queue.open(.first)
          result = .success(try await body(desk))
        } catch {
          result = .failure(error)
        }
        await desk.queue.close()
        try result.get()
      }
    }
  }

  private static func queue(_ pool: PostgresPool, _ time: ManualTime, isTimed: Bool) -> PostgresQueue {
    PostgresQueue(
      pool: pool, environment: .test(seed: 1, time: time),
      clock: isTimed ? .given { 1_767_225_600_000 + time.monotonic.milliseconds } : .server)
  }

  /// Runs `body` with another process's queue: the same entries, over connections of its own.
  func beside(_ body: (PostgresQueue) async throws -> Void) async throws {
    try await PostgresPool.with(database.url) { pool in
      let queue = PostgresQueue(pool: pool, environment: .test(seed: 2, time: ManualTime()))
      let result: Result<Void, any Error>
      do { result = .success(try await body(queue)) } catch { result = .failure(error) }
      await queue.close()
      try result.get()
    }
  }

  /// Pushes entries in the first epoch.
  @discardableResult
  func push(_ entries: [QueueEntry], to queue: PostgresQueue? = nil) async throws -> [PushAnswer] {
    let notAfter = time.now + .seconds(30)
    return try await (queue ?? self.queue).push(Handoff(id: 1, epoch: .first, notAfter: notAfter, entries: entries))
  }

  /// Entries of jobs that wait for nothing.
  static func entries(_ count: Int, lane: Lane = .unnamed, queue: QueueName = .standard) -> [QueueEntry] {
    (0..<count).map {
      QueueEntry(job: JobID("\(queue)-\(lane.fairKey)-\($0)"), fence: .first, queue: queue, lane: lane)
    }
  }

  func request(_ limit: Int = 9, of queue: QueueName = .standard, wait: Duration = .zero) -> LeaseRequest {
    LeaseRequest(queue: queue, limit: limit, length: Self.length, host: "host", wait: wait)
  }

  /// How many rows a table has.
  func count(_ table: String) async throws -> Int {
    try await pool.read { Int(try $0.rows("SELECT count(*) FROM \(table)").integer(0, 0)) }
  }
}
