public import WorkerKit

extension SQLiteStore {
  public func load(_ leases: [Lease]) async throws(DriverError) -> [LoadAnswer] {
    let (moment, coupled) = (SQLiteMoment(environment.time), movesQueue)
    return try await database.read { transaction in
      let queueNow = try SQLiteQueueClock.now(moment, transaction, canWrite: false)
      let epoch = try SQLiteJobs(transaction).epoch()
      return try leases.map { lease in
        guard let job = try transaction.job(lease.authority.job), job.standing.admits(lease.authority, in: epoch)
        else { return .gone }
        let wait = job.standing.dueAt - moment.wall
        guard wait > .zero else { return .job(job) }
        guard coupled else { return .notDue(wait) }
        // The clock of the queue that granted the lease decides, since the wall clock may have been put back.
        let left = try Self.entryDue(job.id, transaction) - queueNow
        return left > .zero ? .notDue(left) : .job(job)
      }
    }
  }

  /// When a job's newest entry is due, on the queue's clock.
  private static func entryDue(_ job: JobID, _ transaction: SQLiteTransaction) throws(DriverError) -> Timestamp {
    guard let row = try SQLiteJobs(transaction).standing(of: job)?.row else { return Timestamp(milliseconds: 0) }
    let due = try transaction.connection.statement("SELECT entry_due FROM jobs WHERE sequence = ?1")
      .first(.integer(row)) { row throws(DriverError) in row.integer(0) }
    return Timestamp(milliseconds: due ?? 0)
  }

  public func begin(_ attempts: [BegunAttempt]) async throws(DriverError) -> [WriteAnswer] {
    try await database.write { transaction in
      let jobs = try SQLiteJobs(transaction)
      let epoch = try jobs.epoch()
      return try attempts.map { attempt in
        guard let stored = try jobs.standing(of: attempt.authority.job),
          stored.standing.admits(attempt.authority, in: epoch)
        else { return .stale }
        var standing = stored.standing
        standing.state = .running
        standing.holder = attempt.authority.holder
        standing.startedAt = attempt.startedAt
        try jobs.update(stored.row, to: standing)
        return .kept
      }
    }
  }

  public func reissue(_ claims: [FencedJob], because cause: ReissueCause) async throws(DriverError) -> ReissueResult {
    try await write { transaction, handover in
      var entries: [StoredEntry] = []
      let jobs = try SQLiteJobs(transaction)
      let answers = try claims.map { claim -> ReissueAnswer in
        guard let stored = try jobs.standing(of: claim.job) else { return .ended }
        guard stored.standing.state.isLive else {
          try handover.withdraw(stored.row)
          return .ended
        }
        guard stored.standing.fence == claim.fence else { return .moved }
        let next = stored.standing.reissued(at: handover.now, countingLoss: cause == .lost)
        try jobs.update(stored.row, to: next)
        if cause == .lost {
          try SQLiteAttempts(transaction: transaction).insertLoss(of: claim, stored, at: handover.now)
        }
        // What was leased was due, wherever the wall clock stands.
        let moment = cause == .lost && handover.movesQueue ? next.dueAt : handover.now
        entries.append(stored.entry(claim.job, next, at: moment))
        return .raised
      }
      let handoff = try handover.handOver(entries)
      return ReissueResult(answers: answers, handoff: handoff)
    }
  }

  public func due(limit: Int) async throws(DriverError) -> [OverdueHandoff] {
    let lost = environment.time.now + (.zero - SQLiteHandover.margin)
    return try await database.read { transaction in
      let jobs = try SQLiteJobs(transaction)
      let written = try transaction.connection.statement(
        "SELECT id, entries FROM handoffs WHERE not_after < ?1 ORDER BY id LIMIT ?2"
      ).rows([.moment(lost), .integer(Int64(limit))]) { row throws(DriverError) in (row.integer(0), row.text(1)) }
      return try written.map { id, text in
        let live = try SQLiteHandover.entries(text).filter { claim in
          guard let standing = try jobs.standing(of: claim.job)?.standing else { return false }
          return standing.state.isLive && standing.fence == claim.fence
        }
        return OverdueHandoff(id: id, jobs: live)
      }
    }
  }

  public func arrived(_ handoffs: [Int64]) async throws(DriverError) {
    guard !handoffs.isEmpty else { return }
    try await database.write { transaction in
      for handoff in handoffs { try transaction.run("DELETE FROM handoffs WHERE id = ?1", .integer(handoff)) }
    }
  }
}
