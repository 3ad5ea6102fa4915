import Testing
import WorkerKit

@testable import SQLiteDriver

/// How queries are answered whose tables grow with time.
@Suite("Query plans", .timeLimit(.minutes(5)))
struct QueryPlanTests {
  /// The plan of a query, line by line.
  private func plan(_ text: SQLiteText, _ values: [SQLiteValue]) async throws -> [String] {
    let explained = SQLiteText("EXPLAIN QUERY PLAN \(text.sql)")
    var lines: [String] = []
    try await Notebook.open { notebook async throws in
      try await notebook.withDatabase { database async throws in
        lines = try await database.read { transaction in
          try transaction.connection.statement(explained).rows(values) { row throws(DriverError) in row.text(3) }
        }
      }
    }
    return lines
  }

  @Test("What people did to a job is found by the job, in order")
  func findsAuditByJob() async throws {
    let lines = try await plan(SQLiteStore.auditOfJob, [.text("job")])
    #expect(lines == ["SEARCH audit USING INDEX audit_of_job (job=?)"])
  }

  @Test("Superseded runs are found from their ends, not by looking through all")
  func findsSuperseded() async throws {
    let lines = try await plan(SQLitePruning.superseded, [.integer(0), .integer(RowNumbers.jobsOfRun), .integer(9)])
    #expect(lines.first == "SEARCH ends USING INDEX ends_superseded (finished_at<?)", "\(lines)")
    #expect(lines.allSatisfy { !$0.hasPrefix("SCAN") }, "\(lines)")
  }

  @Test("A file without these indexes is brought up to date, with what it holds")
  func bringsUpToDate() async throws {
    try await Notebook.open { notebook async throws in
      try await notebook.withDatabase { database async throws in
        try await database.write { transaction in
          try OlderFile.takeLanesAway(transaction)
          try transaction.run("DROP INDEX audit_of_job")
          try transaction.run("DROP INDEX ends_superseded")
          try transaction.run("PRAGMA user_version = 2")
        }
        try await database.note(1)
      }
      try await notebook.withDatabase { database async throws in
        let indexes = try await database.read { transaction in
          try transaction.rows("SELECT name FROM sqlite_schema WHERE name IN ('audit_of_job', 'ends_superseded')")
        }
        #expect(indexes.count == 2)
        #expect(try await database.notes == [1])
      }
    }
  }
}
