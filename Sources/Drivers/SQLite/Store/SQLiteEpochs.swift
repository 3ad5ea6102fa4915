public import WorkerKit

extension SQLiteStore {
  public func epoch() async throws(DriverError) -> Epoch {
    try await database.read { transaction in try SQLiteJobs(transaction).epoch() }
  }

  public func advanceEpoch() async throws(DriverError) -> Epoch {
    try await database.write { transaction in
      try transaction.run("UPDATE meta SET value = value + 1 WHERE key = 'epoch'")
      return try SQLiteJobs(transaction).epoch()
    }
  }

  public func refill(after cursor: JobID?, limit: Int) async throws(DriverError) -> RefillPage {
    try await write { transaction, handover in
      let found = try transaction.connection.statement(
        """
        SELECT id, fence, queue, due_at FROM jobs WHERE id > ?1 AND state IN ('QUEUED', 'RUNNING')
        ORDER BY id LIMIT ?2
        """
      ).rows([.text(cursor?.rawValue ?? ""), .integer(Int64(limit))]) { row throws(DriverError) in
        QueueEntry(
          job: JobID(row.text(0)), fence: Fence(rawValue: row.integer(1)), queue: QueueName(row.text(2)),
          delay: max(.zero, Timestamp(milliseconds: row.integer(3)) - handover.now))
      }
      let handoff = try handover.handOver(found)
      let page = RefillPage(handoff: handoff, next: found.count == limit ? found.last?.job : nil)
      return (page, pushed: !found.isEmpty)
    }
  }

  public func probe() async throws(DriverError) {
    try await database.write { transaction in
      _ = try transaction.run("UPDATE meta SET value = value + 1 WHERE key = 'probe'")
    }
  }
}
