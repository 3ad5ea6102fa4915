public import WorkerKit

extension PostgresStore {
  public func audit(of job: JobID) async throws(DriverError) -> [AuditRecord] {
    try await pool.read { transaction in
      try transaction.rows(
        """
        SELECT at, who, action, fence, reason FROM audit WHERE job = $1 AND action IN ('cancel', 'replay')
        ORDER BY sequence
        """, [.text(job.rawValue)]
      ).map { row throws(DriverError) in
        AuditRecord(
          at: row.moment(0), by: row.text(1), action: AuditRecord.Action(rawValue: row.text(2)) ?? .replay,
          fence: Fence(rawValue: row.integer(3)), reason: row.text(4))
      }
    }
  }

  public func outdated(_ jobs: [JobID]) async throws(DriverError) -> Set<JobID> {
    let now = environment.time.now
    return try await pool.read { transaction in
      let ordering = Ordering(PostgresOrderingRows(transaction: transaction, now: now, locks: nil))
      var outdated: Set<JobID> = []
      for job in jobs {
        guard let ordered = try ordering.rows.orderedJob(job), try ordering.isOutdated(ordered) else { continue }
        outdated.insert(job)
      }
      return outdated
    }
  }
}
