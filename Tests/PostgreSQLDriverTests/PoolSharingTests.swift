import PostgreSQLDriver
import TestPostgres
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Sharing few connections", .timeLimit(.minutes(5)))
struct PoolSharingTests {
  /// Runs `body` while the only connection of a pool is held.
  private static func whileHeld(
    waitLimit: Duration,
    _ body: (PostgresPool, ThreadGate, inout ThrowingTaskGroup<Void, any Error>) async throws -> Void
  ) async throws {
    let server = try await PostgresServer.shared()
    let change: (inout PostgresConfiguration) -> Void = {
      $0.connections = 1
      $0.waitLimit = waitLimit
    }
    try await PostgresPool.with(server.url("postgres"), change: change) { pool async throws in
      let busy = ThreadGate()
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addImmediateTask { try await pool.write { _ in busy.hold() } }
        await busy.waitUntilHeld()
        try await body(pool, busy, &group)
        busy.open()
        try await group.waitForAll()
      }
    }
  }

  @Test("Callers are served in the order in which they came")
  func isFair() async throws {
    let order = Tally()
    try await Self.whileHeld(waitLimit: .seconds(60)) { pool, _, group in
      for number in 0..<10 {
        group.addImmediateTask { try await pool.write { _ in order.note(number) } }
      }
    }
    #expect(order.numbers == Array(0..<10))
  }

  @Test("Who waits too long is told so, and the next is served")
  func limitsTheWait() async throws {
    try await Self.whileHeld(waitLimit: .milliseconds(100)) { pool, busy, _ in
      let error = await #expect(throws: DriverError.self) { try await pool.write { _ in } }
      #expect(error?.code == "postgres_pool")
      #expect(error?.isTransient == true)
      busy.open()
      try await pool.writeOnceReachable { _ in }
    }
  }

  @Test("Closing refuses who waits, and lets who works finish")
  func closes() async throws {
    try await Self.whileHeld(waitLimit: .seconds(60)) { pool, busy, group in
      group.addImmediateTask {
        let error = await #expect(throws: DriverError.self) { try await pool.write { _ in } }
        #expect(error?.kind == .closed)
      }
      group.addImmediateTask { await pool.close() }
      let error = await #expect(throws: DriverError.self) { try await pool.read { _ in } }
      #expect(error?.kind == .closed)
      busy.open()
    }
  }

  @Test("A cancelled task's transaction is done all the same")
  func heedsNoCancellation() async throws {
    try await Self.whileHeld(waitLimit: .seconds(60)) { pool, busy, group in
      let done = Tally()
      let task = Task { try await pool.write { _ in done.note(1) } }
      task.cancel()
      busy.open()
      try await task.value
      #expect(done.numbers == [1])
    }
  }
}
