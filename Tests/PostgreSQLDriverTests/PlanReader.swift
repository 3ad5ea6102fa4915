import TestPostgres
import Testing

@testable import PostgreSQLDriver

/// Asks PostgreSQL how it carries statements out.
struct PlanReader {
  let database: PostgresDatabase
  let pool: PostgresPool

  /// How many rows the statistics may say that each table has; nil for what they say by themselves.
  static let statistics: [Int?] = [nil, 0, 5_000_000]

  /// Expects that each statement finds its rows by an index, and goes through no table.
  func expectIndexes(_ statements: [String: String], rows: Int?) async throws {
    if let rows {
      try await database.psql(
        """
        UPDATE pg_class SET reltuples = \(rows), relpages = \(rows / 10)
        WHERE relnamespace = 'millrace'::regnamespace
        """)
    }
    for (name, statement) in statements {
      let plan = try await pool.write { transaction in try Self.plan(of: statement, transaction) }
      for way in ["Seq Scan", "Bitmap", "Hash Join", "Merge Join"] {
        #expect(!plan.contains(way), "\(name): \(plan)")
      }
      #expect(plan.contains("Index") || plan.contains("Insert"), "\(name): \(plan)")
    }
  }

  static func plan(of statement: String, _ transaction: PostgresTransaction) throws -> String {
    let count = (1...20).last { statement.contains("$\($0)") } ?? 0
    let nulls = Array(repeating: "NULL", count: count).joined(separator: ", ")
    try transaction.run("PREPARE hot AS \(statement)")
    let rows = try transaction.rows("EXPLAIN EXECUTE hot\(count > 0 ? "(\(nulls))" : "")")
    try transaction.run("DEALLOCATE hot")
    return (0..<rows.count).map { rows.text($0, 0) }.joined(separator: "\n")
  }
}
