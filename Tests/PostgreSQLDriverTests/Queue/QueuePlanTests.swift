import TestPostgres
import Testing
import WorkerKit
import WorkerKitTesting

@testable import PostgreSQLDriver

@Suite("How PostgreSQL carries out the queue's statements", .timeLimit(.minutes(5)))
struct QueuePlanTests {
  private static let hot: [String: String] = {
    let entry = QueueEntry(
      job: "job", fence: .first.raised, queue: .standard,
      lane: Lane(tenant: "acme", pipeline: "p", stage: "s", flow: JobFlow(limits: [LimitKey("limit", "key")])))
    let handoff = Handoff(id: 1, epoch: .first, notAfter: Timestamp(milliseconds: 0), entries: [entry, entry])
    var statements = [
      "waking": PostgresTurns.waking, "marked": PostgresTurns.marked, "promoting": PostgresTurns.promoting,
      "reading": PostgresTurns.reading, "counting": PostgresTurns.counting, "taking": PostgresTurns.taking,
      "passing": PostgresTurns.passing, "holding": PostgresTurns.holding, "forgetting": PostgresTurns.forgetting,
      "putting off": PostgresTurns.puttingOff, "resting": PostgresTurns.resting, "leaving": PostgresTurns.leaving,
      "limiting": PostgresTurns.limiting, "next": PostgresTurns.next, "finishing": PostgresQueue.finishing,
      "remaining": PostgresQueue.remaining, "renewing": PostgresQueue.renewing, "dropping": PostgresQueue.dropping,
      "revoking": PostgresQueue.revoking, "withdrawing": PostgresQueue.withdrawing, "over": PostgresQueue.over,
      "standing": PostgresQueue.standing, "announcing": PostgresWaker.announcing,
    ]
    let push = PostgresPush(handoff, last: 0, clock: .server)
    for (number, call) in push.calls.dropFirst().enumerated() { statements["push \(number)"] = call.text }
    return statements
  }()

  @Test("Each goes by an index, whatever the statistics say", arguments: PlanReader.statistics)
  func goesByIndex(rows: Int?) async throws {
    try await QueueDesk.with { desk in
      try await PlanReader(database: desk.database, pool: desk.pool).expectIndexes(Self.hot, rows: rows)
    }
  }

  @Test("A grant reads few rows more than it gives, among thousands")
  func readsFew() async throws {
    try await QueueDesk.with { desk in
      for number in 0..<20 {
        let lane = Lane(tenant: TenantID("t\(number)"), pipeline: "p", stage: "s")
        try await desk.push(QueueDesk.entries(500, lane: lane))
      }
      let before = try await Self.readRows(desk)
      #expect(try await desk.queue.lease(desk.request(100)).count == 100)
      // Of each of the twenty lanes up to a hundred are counted, and then those that are wanted are taken.
      #expect(try await Self.readRows(desk) - before <= 20 * 100 + 5 * 100)
    }
  }

  private static func readRows(_ desk: QueueDesk) async throws -> Int {
    try await desk.pool.write { _ = try $0.run("SELECT pg_stat_force_next_flush()") }
    return try await desk.pool.read { transaction in
      let rows = try transaction.rows(
        """
        SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables
        WHERE relname = 'queue_entries'
        """)
      return Int(rows.integer(0, 0))
    }
  }
}
