public import WorkerKit

/// Which of several queues is in force beside a database: the one that was named by who chose last.
public struct PostgresQueueChoice: Sendable {
  private let pool: PostgresPool

  /// The choice that the database of `pool` keeps.
  public init(pool: PostgresPool) { self.pool = pool }

  /// Chooses a queue by its name; gives what was chosen before.
  public func choose(_ name: String) async throws(DriverError) -> String? {
    try await pool.write { transaction in
      let rows = try transaction.rows("SELECT name FROM queue_choice WHERE id = 1 FOR UPDATE")
      try transaction.run(
        "INSERT INTO queue_choice (id, name) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET name = excluded.name",
        [.text(name)])
      return rows.first?.text(0)
    }
  }

  /// The name of the queue that is in force; nil where nobody has chosen.
  public func name() async throws(DriverError) -> String? {
    try await pool.read { transaction in
      try transaction.rows("SELECT name FROM queue_choice WHERE id = 1").first?.text(0)
    }
  }
}
