public import WorkerKit

extension SQLiteStore {
  public func epoch() async throws(DriverError) -> Epoch {
    try await database.read { transaction in try SQLiteJobs(transaction).epoch() }
  }

  public func advanceEpoch() async throws(DriverError) -> Epoch {
    let now = environment.time.now
    return try await database.write { transaction in
      try transaction.run("UPDATE meta SET value = value + 1 WHERE key = 'epoch'")
      let jobs = SQLiteJobs(transaction)
      let begun = try transaction.connection.statement(
        "SELECT id FROM jobs WHERE state IN ('PENDING', 'QUEUED', 'RUNNING') AND holder IS NOT NULL"
      ).rows([]) { row throws(DriverError) in JobID(row.text(0)) }
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

  public func refill(after cursor: JobID?, limit: Int) async throws(DriverError) -> RefillPage {
    try await write { transaction, handover in
      let found = try transaction.connection.statement(
        """
        SELECT sequence, id, fence, queue, due_at, policy FROM jobs WHERE id > ?1
          AND (state IN ('QUEUED', 'RUNNING') OR waiting_for = 'callback')
        ORDER BY id LIMIT ?2
        """
      ).rows([.text(cursor?.rawValue ?? ""), .integer(Int64(limit))]) { row throws(DriverError) in
        let policy = SQLiteJobPolicy(try row.optionalJSON(5))
        return StoredEntry(
          row: row.integer(0),
          entry: QueueEntry(
            job: JobID(row.text(1)), fence: Fence(rawValue: row.integer(2)), queue: QueueName(row.text(3)),
            delay: max(.zero, Timestamp(milliseconds: row.integer(4)) - handover.now), priority: policy.priority,
            lease: policy.lease))
      }
      let handoff = try handover.handOver(found)
      if found.count < limit {
        try transaction.run(
          "UPDATE meta SET value = (SELECT value FROM meta WHERE key = 'epoch') WHERE key = 'filled_epoch'")
      }
      let page = RefillPage(handoff: handoff, next: found.count == limit ? found.last?.entry.job : nil)
      return (page, pushed: !found.isEmpty)
    }
  }

  public func probe() async throws(DriverError) {
    try await database.write { transaction in
      _ = try transaction.run("UPDATE meta SET value = value + 1 WHERE key = 'probe'")
    }
  }
}
