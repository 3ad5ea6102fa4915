public import WorkerKit

extension PostgresStore {
  public func replay(
    _ requests: [ReplayRequest], next: @escaping SettlePlanner
  ) async throws(DriverError) -> ReplayResult {
    guard !requests.isEmpty else { return ReplayResult(answers: [], handoff: nil) }
    let (result, last) = try await write { transaction, now in
      var replaying = PostgresReplaying(transaction, at: now)
      try replaying.lock(requests.map(\.job))
      let answers = try requests.map { try replaying.replay($0) }
      try replaying.work.advance(plan: next)
      let handoff = try PostgresHandover.handOver(replaying.work.entries, transaction, at: now)
      let result = ReplayResult(answers: answers, handoff: handoff, ended: try replaying.work.endedJobs())
      return (result, replaying.work.lastEvent)
    }
    await preparePartitions(for: last)
    return result
  }

  public func announce(_ host: HostID, workers: [WorkerName]) async throws(DriverError) -> Handoff? {
    guard !workers.isEmpty else { return nil }
    return try await write { transaction, now in
      let parked = try transaction.rows(Self.parked, [.texts(workers.map(\.rawValue))])
        .map { row throws(DriverError) in try StoredJob(row) }
      let changes = parked.map { job in
        var next = job.standing
        (next.state, next.waitingFor, next.dueAt) = (.queued, nil, now)
        return (number: job.number, standing: next)
      }
      try PostgresStandings(transaction).update(changes)
      let entries = zip(parked, changes).map { $0.entry($1.standing, at: now) }
      return try PostgresHandover.handOver(entries, transaction, at: now)
    }
  }

  private static let parked = """
    SELECT \(StoredJob.liveColumns) FROM \(PostgresJobRows.live)
    WHERE j.waiting_for IN ('worker', 'revision') AND j.state = \(JobState.pending.stored) AND k.worker = ANY($1)
    ORDER BY j.number FOR UPDATE OF j
    """
}

/// Brings dead letters back to life within one transaction.
private struct PostgresReplaying {
  let transaction: PostgresTransaction
  let now: Timestamp
  var work: PostgresRunWork

  init(_ transaction: PostgresTransaction, at now: Timestamp) {
    self.transaction = transaction
    self.now = now
    work = PostgresRunWork(transaction, at: now)
  }

  /// Locks what the dead letters belong to, so that of two who want the same only one finds them dead.
  mutating func lock(_ ids: [JobID]) throws(DriverError) {
    let jobs = try PostgresJobs(transaction).find(ids).values
    try work.lock(keysOf: jobs, runs: jobs.map(\.run.number))
  }

  mutating func replay(_ request: ReplayRequest) throws(DriverError) -> ReplayAnswer {
    guard let job = try PostgresJobs(transaction).find(request.job) else { return .missing }
    guard job.standing.fence == request.fence else { return .changed }
    guard job.standing.state.isDead else { return .notDead }
    let ordered = OrderedJob(job)
    if let ordered, try Ordering(work.rows).isOutdated(ordered) { return .superseded }
    let next = job.standing.replayed(at: now)
    try PostgresAttempts(transaction).keepEnd(of: job.number)
    try revive(job, as: next)
    try PostgresRuns(transaction).set(.running, of: job.run.number, at: now)
    try transaction.run(
      "INSERT INTO audit (at, who, action, job, fence, reason) VALUES ($1, $2, 'replay', $3, $4, $5)",
      [
        .moment(now), .text(request.by), .text(request.job.rawValue), .integer(request.fence.rawValue),
        .text(request.reason),
      ])
    if ordered == nil {
      work.entries.append(job.entry(next, at: now))
    } else {
      try work.order { ordering throws(DriverError) in try ordering.replayed(request.job) }
    }
    return .replayed
  }

  /// Moves a job from history to the living.
  private func revive(_ job: StoredJob, as next: JobStanding) throws(DriverError) {
    try transaction.pipeline([
      PostgresClearing.wake(RowNumbers.event(of: job.run.number)),
      ("DELETE FROM dead WHERE job = $1", [.integer(job.number)]),
      (
        Self.reviving,
        [
          .integer(job.number), .integer(next.fence.rawValue), .moment(next.dueAt), .integer(next.state.stored),
          .moment(next.startedAt),
        ]
      ),
    ])
  }

  private static let reviving = """
    WITH gone AS (DELETE FROM jobs WHERE number = $1 RETURNING *)
    INSERT INTO live (number, id, run, tenant, kind, element, created_at, fence, due_at, started_at, attempts, losses,
      state, named, alone, host, failure, cause, ordering, unresolved, context, input)
    SELECT number, id, run, tenant, kind, element, created_at, $2::bigint, $3::bigint, $5::bigint, 0, losses,
      $4::bigint, named, false, host, failure, cause, ordering, unresolved, context, input FROM gone
    """
}
