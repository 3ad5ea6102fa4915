import WorkerKit

/// Clears partitions: a range in which nothing lives, and nothing has lived for as long as finished runs are kept,
/// gives up all of them at once. What has a dead letter stays, in a new partition of the range.
///
/// So the rows of a busy day are never deleted one by one.
struct PostgresClearing {
  let transaction: PostgresTransaction
  let now: Timestamp

  /// How long clearing waits for who reads history; those who come after it wait as well, so that it is short.
  private static let lockTimeout = Duration.milliseconds(500)

  /// Says of a range that something lives in it again.
  static func wake(_ event: Int64) -> PostgresCall {
    (
      "UPDATE partitions SET quiet_at = NULL WHERE first <= $1 AND beyond > $1 AND quiet_at IS NOT NULL",
      [.integer(event)]
    )
  }

  /// Clears the oldest range that can be; notes since when others have been quiet.
  /// - Returns: About how many runs have left.
  func clear(quietBefore moment: Timestamp) throws(DriverError) -> Int {
    try transaction.rows(PostgresLocks.exclusive(.partitions))
    let closed = try transaction.rows(Self.closed).map { row throws(DriverError) in
      (first: row.integer(0), beyond: row.integer(1), quietAt: row.optionalInteger(2))
    }
    for range in closed {
      let isQuiet =
        try transaction.rows(
          Self.lively, [.integer(range.first), .integer(range.beyond)]
        ).count == 0
      if isQuiet, let since = range.quietAt, since < moment.milliseconds {
        return try clear(from: range.first, to: range.beyond)
      }
      guard isQuiet != (range.quietAt != nil) else { continue }
      try transaction.run(
        "UPDATE partitions SET quiet_at = $2 WHERE first = $1",
        [.integer(range.first), isQuiet ? .moment(now) : .null])
    }
    return 0
  }

  private func clear(from first: Int64, to beyond: Int64) throws(DriverError) -> Int {
    try transaction.run("SET LOCAL lock_timeout = \(Self.lockTimeout.milliseconds)")
    let jobs = (first * PostgresPartitions.jobsOfEvent, beyond * PostgresPartitions.jobsOfEvent)
    let dead = try transaction.rows(Self.dead, [.integer(jobs.0), .integer(jobs.1)]).map { row throws(DriverError) in
      row.integer(0)
    }
    let count = try transaction.rows(
      "SELECT reltuples::bigint FROM pg_class WHERE oid = 'runs_from_\(first)'::regclass"
    )
    .integer(0, 0)
    // What was done is forgotten with its output: the same work is done anew.
    for (table, column) in [("progress", "job"), ("executions", "leader"), ("sharers", "job")] {
      try transaction.run(
        """
        DELETE FROM \(table) WHERE \(column) >= $1 AND \(column) < $2
          AND NOT \(column) / \(RowNumbers.jobsOfRun) = ANY($3::bigint[])
        """, [.integer(jobs.0), .integer(jobs.1), .integers(dead)])
    }
    try transaction.run(
      "SELECT millrace.clear_partitions($1, $2)::text", [.integer(first), .integers(dead)])
    try transaction.run("UPDATE partitions SET cleared_at = $2 WHERE first = $1", [.integer(first), .moment(now)])
    return max(0, Int(count) - dead.count)
  }

  private static let closed = """
    SELECT first, beyond, quiet_at FROM partitions
    WHERE cleared_at IS NULL AND beyond <= (SELECT last_value FROM event_sequence) ORDER BY first
    """
  private static let lively = """
    (SELECT 1 FROM live WHERE number >= $1 * \(PostgresPartitions.jobsOfEvent)
      AND number < $2 * \(PostgresPartitions.jobsOfEvent) LIMIT 1)
    UNION ALL
    (SELECT 1 FROM unrouted WHERE aside = false AND event >= $1 AND event < $2 LIMIT 1)
    UNION ALL
    (SELECT 1 FROM unrouted WHERE aside = true AND event >= $1 AND event < $2 LIMIT 1)
    """
  private static let dead = """
    SELECT DISTINCT job / \(RowNumbers.jobsOfRun) FROM dead WHERE job >= $1 AND job < $2
    """
}

extension PostgresStore {
  /// Clears at most one partition. What somebody else holds is left for the next time.
  func clearPartition(quietBefore moment: Timestamp) async throws(DriverError) -> Int {
    do {
      return try await write { transaction, now in
        try PostgresClearing(transaction: transaction, now: now).clear(quietBefore: moment)
      }
    } catch  where error.code == "postgres_lock_timeout" {
      return 0
    }
  }
}
