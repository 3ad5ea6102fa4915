public import WorkerKit

extension SQLiteStore {
  public func replay(
    _ requests: [ReplayRequest], next: @escaping SettlePlanner
  ) async throws(DriverError) -> ReplayResult {
    try await write { transaction, handover in
      var work = SQLiteRunWork(transaction: transaction, handover: handover)
      let jobs = try SQLiteJobs(transaction)
      let answers = try requests.map { request -> ReplayAnswer in
        guard let stored = try jobs.standing(of: request.job) else { return .missing }
        guard stored.standing.fence == request.fence else { return .changed }
        guard stored.standing.state.isDead else { return .notDead }
        let rows = SQLiteOrderingRows(transaction: transaction, now: handover.now)
        let ordered = stored.isOrdered ? try rows.orderedJob(request.job) : nil
        if let ordered, try Ordering(rows).isOutdated(ordered) { return .superseded }
        let revived = stored.standing.replayed(at: handover.now)
        try SQLiteAttempts(transaction: transaction).keepEnd(of: stored.row)
        try jobs.update(stored.row, to: revived)
        try SQLiteRuns(transaction: transaction, handover: handover).reopen(stored.run.row)
        try Self.audit(request, transaction, at: handover.now)
        if ordered == nil {
          work.entries.append(stored.entry(request.job, revived, at: handover.now))
        } else {
          try work.order { ordering throws(DriverError) in try ordering.replayed(request.job) }
        }
        return .replayed
      }
      try work.advance(plan: next)
      let handoff = try handover.handOver(work.entries)
      return ReplayResult(answers: answers, handoff: handoff, ended: work.ended)
    }
  }

  public func announce(_ host: HostID, workers: [WorkerName]) async throws(DriverError) -> Handoff? {
    try await write { transaction, handover in
      var entries: [StoredEntry] = []
      let parked = try transaction.connection.statement(Self.parked)
      for worker in workers {
        parked.bind(1, worker.rawValue)
        let found = try parked.all { row throws(DriverError) in
          let policy = try SQLiteJobPolicy(row, from: 4)
          return StoredEntry(
            row: row.integer(0),
            entry: QueueEntry(
              job: JobID(row.text(1)), fence: Fence(rawValue: row.integer(2)), queue: QueueName(row.text(3)),
              priority: policy.priority, lease: policy.lease, lane: policy.lane(row, from: 7)))
        }
        for entry in found {
          try transaction.run(
            "UPDATE jobs SET state = 'QUEUED', waiting_for = NULL, due_at = ?2 WHERE sequence = ?1",
            .integer(entry.row), .moment(handover.now))
        }
        entries += found
      }
      return try handover.handOver(entries)
    }
  }

  private static let parked = SQLiteText(
    """
    SELECT jobs.sequence, \(SQLiteJobRows.id), jobs.fence, jobs.queue, \(SQLiteJobPolicy.columns),
      \(SQLiteJobPolicy.laneColumns)
    FROM \(SQLiteJobRows.jobsFirst)
    WHERE jobs.worker = ?1 AND jobs.state = 'PENDING' AND jobs.waiting_for IN ('worker', 'revision')
      AND ends.job IS NULL ORDER BY jobs.sequence
    """)

  private static func audit(_ request: ReplayRequest, _ transaction: SQLiteTransaction, at now: Timestamp)
    throws(DriverError)
  {
    try transaction.run(
      "INSERT INTO audit (at, who, action, job, fence, reason) VALUES (?1, ?2, 'replay', ?3, ?4, ?5)",
      .moment(now), .text(request.by), .text(request.job.rawValue), .integer(request.fence.rawValue),
      .text(request.reason))
  }
}
