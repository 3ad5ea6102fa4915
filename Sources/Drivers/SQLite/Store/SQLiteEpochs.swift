public import WorkerKit

extension SQLiteStore {
  public func epoch() async throws(DriverError) -> Epoch {
    try await database.read { transaction in try SQLiteJobs(transaction).epoch() }
  }

  public func advanceEpoch() async throws(DriverError) -> Epoch {
    let now = environment.time.now
    return try await database.write { transaction in
      try transaction.run("UPDATE meta SET value = value + 1 WHERE key = 'epoch'")
      let jobs = try SQLiteJobs(transaction)
      let begun = try transaction.connection.statement(Self.begun).all { row throws(DriverError) in JobID(row.text(0)) }
      for job in begun {
        guard let stored = try jobs.standing(of: job) else { continue }
        try SQLiteAttempts(transaction: transaction).insertLoss(
          of: FencedJob(job: job, fence: stored.standing.fence), stored, at: now)
        try jobs.update(stored.row, to: stored.standing.reissued(at: now, countingLoss: true))
      }
      return try jobs.epoch()
    }
  }

  public func isFilled() async throws(DriverError) -> Bool {
    try await database.read { transaction in
      let filled = try transaction.connection.statement("SELECT value FROM meta WHERE key = 'filled_epoch'")
        .first { row throws(DriverError) in row.integer(0) }
      return filled == (try SQLiteJobs(transaction).epoch().rawValue)
    }
  }

  public func refill(
    in epoch: Epoch, after cursor: JobID?, limit: Int
  ) async throws(DriverError) -> RefillPage {
    try await write { transaction, handover in
      let jobs = try SQLiteJobs(transaction)
      guard try jobs.epoch() == epoch else { return RefillPage(handoff: nil, next: nil) }
      let statement = try transaction.connection.statement(Self.queued)
      statement.bind(1, try cursor.flatMap { cursor throws(DriverError) in try jobs.standing(of: cursor)?.row } ?? 0)
      statement.bind(2, Int64(limit))
      let found = try statement.all { row throws(DriverError) in
        let policy = try SQLiteJobPolicy(row, from: 5)
        return StoredEntry(
          row: row.integer(0),
          entry: QueueEntry(
            job: JobID(row.text(1)), fence: Fence(rawValue: row.integer(2)), queue: QueueName(row.text(3)),
            delay: max(.zero, Timestamp(milliseconds: row.integer(4)) - handover.now), priority: policy.priority,
            lease: policy.lease, lane: policy.lane(row, from: 8)))
      }
      let handoff = try handover.handOver(found)
      if found.count < limit {
        try transaction.run(
          "UPDATE meta SET value = (SELECT value FROM meta WHERE key = 'epoch') WHERE key = 'filled_epoch'")
      }
      return RefillPage(handoff: handoff, next: found.count == limit ? found.last?.entry.job : nil)
    }
  }

  public func probe() async throws(DriverError) {
    try await database.write { transaction in
      _ = try transaction.run("UPDATE meta SET value = value + 1 WHERE key = 'probe'")
    }
  }

  private static let begun = SQLiteText(
    "SELECT \(SQLiteJobRows.id) FROM \(SQLiteJobRows.jobsFirst) WHERE jobs.holder IS NOT NULL AND ends.job IS NULL")

  private static let queued = SQLiteText(
    """
    SELECT jobs.sequence, \(SQLiteJobRows.id), jobs.fence, jobs.queue, jobs.due_at, \(SQLiteJobPolicy.columns),
      \(SQLiteJobPolicy.laneColumns)
    FROM \(SQLiteJobRows.jobsFirst)
    WHERE jobs.sequence > ?1 AND (jobs.state IN ('QUEUED', 'RUNNING') OR jobs.waiting_for = 'callback')
      AND ends.job IS NULL
    ORDER BY jobs.sequence LIMIT ?2
    """)
}
