public import WorkerKit

extension SQLiteStore {
  public func audit(of job: JobID) async throws(DriverError) -> [AuditRecord] {
    try await database.read { transaction in
      try transaction.connection.statement(Self.auditOfJob).rows([.text(job.rawValue)]) { row throws(DriverError) in
        AuditRecord(
          at: Timestamp(milliseconds: row.integer(0)), by: row.text(1),
          action: AuditRecord.Action(rawValue: row.text(2)) ?? .replay, fence: Fence(rawValue: row.integer(3)),
          reason: row.text(4))
      }
    }
  }

  static let auditOfJob = SQLiteText(
    """
    SELECT at, who, action, fence, reason FROM audit WHERE job = ?1 AND action IN ('cancel', 'replay')
    ORDER BY sequence
    """)

  public func outdated(_ jobs: [JobID]) async throws(DriverError) -> Set<JobID> {
    let now = environment.time.now
    return try await database.read { transaction in
      let ordering = Ordering(SQLiteOrderingRows(transaction: transaction, now: now))
      var outdated: Set<JobID> = []
      for job in jobs {
        guard let ordered = try ordering.rows.orderedJob(job), try ordering.isOutdated(ordered) else { continue }
        outdated.insert(job)
      }
      return outdated
    }
  }
}
