import Testing
import WorkerKit

@testable import SQLiteDriver

/// What a lease costs while ten thousand keys are at their limit.
@Suite("Ten thousand limited keys in a file", .timeLimit(.minutes(5)))
struct ManyKeysTests {
  private func withHeldKeys(_ body: (LaneFile, [Lease]) async throws -> Void) async throws {
    try await LaneFile.open { file async throws in
      try await file.embedded.queue.project(.slots(1))
      try await file.arrive(
        (0..<20_000).map { LaneFile.Wanted(flow: .limited("slots", "key-\($0 % 10_000)", by: "fair-\($0 % 50)")) })
      var held: [Lease] = []
      while case let more = try await file.lease(500), !more.isEmpty { held += more }
      #expect(held.count == 10_000)
      try await body(file, held)
    }
  }

  @Test("A lease and a freed slot change a few rows, and not one for each key that waits")
  func changesLittle() async throws {
    try await withHeldKeys { file, held async throws in
      let before = try await file.changes()
      #expect(try await file.lease(100).isEmpty)
      let idle = try await file.changes()
      #expect(idle - before < 10, "A lease that finds nothing changed \(idle - before) rows.")
      _ = try await file.embedded.queue.finish([held[5000].authority])
      #expect(try await file.lease(100).count == 1)
      let freed = try await file.changes()
      #expect(freed - idle < 30, "A freed slot changed \(freed - idle) rows.")
      let free = try await file.arrive()
      #expect(try await file.lease(1).map(\.authority.job) == free)
    }
  }

  @Test("No question of leasing looks through lanes, slots or entries: each goes by an index, and sorts none")
  func usesIndexes() async throws {
    try await withHeldKeys { file, _ async throws in
      for text in Self.questions {
        let explained = SQLiteText("EXPLAIN QUERY PLAN \(text.sql)")
        let plan = try await file.embedded.database.read { transaction in
          try transaction.connection.statement(explained).rows([]) { row throws(DriverError) in row.text(3) }
        }
        let scans = plan.filter { $0.hasPrefix("SCAN") && !Self.isHarmless($0) || $0.contains("TEMP B-TREE") }
        #expect(scans.isEmpty, "\(text.sql): \(plan)")
      }
    }
  }

  private static let questions = [
    SQLiteLaneQueries.named, SQLiteLaneQueries.activity, SQLiteLaneQueries.due, SQLiteLaneQueries.limited,
    SQLiteLaneQueries.nextFairKeys, SQLiteLaneQueries.nextLanes, SQLiteLaneQueries.entries, SQLiteLaneQueries.nextDue,
    SQLiteLimits.slotsOfKey, SQLiteLimits.dueWakes,
  ]

  /// Reading a subquery, one row by itself, or the first of an index.
  private static func isHarmless(_ step: String) -> Bool {
    step.hasPrefix("SCAN (subquery") || step == "SCAN CONSTANT ROW"
      || step == "SCAN wakes USING COVERING INDEX wakes_in_time"
  }
}
