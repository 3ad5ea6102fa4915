public import WorkerKit

extension PostgresStore {
  public func load(_ leases: [Lease]) async throws(DriverError) -> [LoadAnswer] {
    guard !leases.isEmpty else { return [] }
    let now = environment.time.now
    let loaded = loaded
    return try await pool.read { transaction in
      let rows = try transaction.pipeline([
        PostgresEpoch.current, (Self.whole, [.texts(leases.map(\.authority.job.rawValue))]),
      ])
      let epoch = PostgresEpoch.epoch(rows[0])
      var (jobs, stored): ([JobID: Job], [StoredJob]) = ([:], [])
      for index in 0..<rows[1].count {
        let row = PostgresRow(rows: rows[1], index: index)
        let job = try StoredJob(row, after: stored.last)
        stored.append(job)
        jobs[job.id] = try PostgresJobRows.job(row, job)
      }
      loaded.note(stored)
      return leases.map { lease in
        guard let job = jobs[lease.authority.job], job.standing.admits(lease.authority, in: epoch) else {
          return .gone
        }
        let wait = job.standing.dueAt - now
        return wait > .zero ? .notDue(wait) : .job(job)
      }
    }
  }

  static let whole = "SELECT \(PostgresJobRows.liveColumns) FROM \(PostgresJobRows.live) WHERE j.id = ANY($1)"

  public func begin(_ attempts: [BegunAttempt]) async throws(DriverError) -> [WriteAnswer] {
    guard !attempts.isEmpty else { return [] }
    loaded.forget(attempts.map(\.authority.job))
    return try await write { transaction, _ in
      var (jobs, epoch) = try Self.locked(attempts.map(\.authority.job), transaction)
      var begun: Set<Int64> = []
      let answers = attempts.map { attempt -> WriteAnswer in
        guard var job = jobs[attempt.authority.job], job.standing.admits(attempt.authority, in: epoch) else {
          return .stale
        }
        job.standing.state = .running
        job.standing.holder = attempt.authority.holder
        job.standing.startedAt = attempt.startedAt
        jobs[job.id] = job
        begun.insert(job.number)
        return .kept
      }
      let changed = jobs.values.filter { begun.contains($0.number) }.sorted { $0.number < $1.number }
      try PostgresStandings(transaction).update(changed.map { ($0.number, $0.standing) })
      return answers
    }
  }

  public func reissue(_ claims: [FencedJob], because cause: ReissueCause) async throws(DriverError) -> ReissueResult {
    guard !claims.isEmpty else { return ReissueResult(answers: [], handoff: nil) }
    return try await write { transaction, now in
      var jobs = try PostgresJobs(transaction).live(Array(Set(claims.map(\.job))), locking: true)
      var (changes, entries): ([(number: Int64, standing: JobStanding)], [StoredEntry]) = ([], [])
      var losses: [(job: Int64, record: AttemptRecord)] = []
      let answers = claims.map { claim -> ReissueAnswer in
        guard let job = jobs[claim.job] else { return .ended }
        guard job.standing.fence == claim.fence else { return .moved }
        let next = job.standing.reissued(at: now, countingLoss: cause == .lost)
        jobs[claim.job]?.standing = next
        changes.append((job.number, next))
        entries.append(job.entry(next, at: now))
        if cause == .lost { losses.append(PostgresAttempts.loss(of: job, at: now)) }
        return .raised
      }
      try PostgresStandings(transaction).update(changes.sorted { $0.number < $1.number })
      try PostgresAttempts(transaction).insert(losses)
      let handoff = try PostgresHandover.handOver(entries, transaction, at: now)
      return ReissueResult(answers: answers, handoff: handoff)
    }
  }

  /// The living among these jobs, locked, and the epoch, which stays what it is until the transaction ends.
  static func locked(
    _ ids: [JobID], _ transaction: PostgresTransaction
  ) throws(DriverError) -> (jobs: [JobID: StoredJob], epoch: Epoch) {
    let rows = try transaction.pipeline(PostgresEpoch.holding + [PostgresJobs.live(Array(Set(ids)), locking: true)])
    return (try PostgresJobs.byID(rows[2]), PostgresEpoch.epoch(rows[1]))
  }
}

extension PostgresTransaction {
  /// True when `authority` may write for its job now: the check of the seam, for a worker's own transaction in the
  /// store's database. Ask before the first write, in the same transaction; the job stays as it is until that ends.
  public func admits(_ authority: Authority) throws(DriverError) -> Bool {
    let (jobs, epoch) = try PostgresStore.locked([authority.job], self)
    return jobs[authority.job]?.standing.admits(authority, in: epoch) ?? false
  }
}
