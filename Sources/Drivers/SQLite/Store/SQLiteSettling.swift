public import WorkerKit

/// The ledger: what ended each fence of a job, written once.
struct SQLiteAttempts {
  let transaction: SQLiteTransaction

  func insert(_ record: AttemptRecord) throws(DriverError) {
    try transaction.connection.statement(
      """
      INSERT INTO attempts (job, fence, attempt, holder, host, started_at, finished_at, outcome, failure)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
      """
    ).run(
      .text(record.job.rawValue), .integer(record.fence.rawValue), .integer(Int64(record.attempt)),
      .optional(record.holder?.rawValue), .optional(record.host?.rawValue), .moment(record.startedAt),
      .moment(record.finishedAt), .text(record.outcome), .json(record.failure?.json))
  }

  /// Who settled a fence, where somebody has; a lost lease is no settlement.
  func holder(of job: JobID, under fence: Fence) throws(DriverError) -> Holder? {
    try transaction.connection.statement(
      "SELECT holder FROM attempts WHERE job = ?1 AND fence = ?2 AND outcome <> 'lost'"
    )
    .first(.text(job.rawValue), .integer(fence.rawValue)) { row throws(DriverError) in row.optionalText(0) }?
    .map { Holder($0) }
  }
}

/// Settles a batch within one transaction.
struct SQLiteSettling {
  let transaction: SQLiteTransaction
  let handover: SQLiteHandover
  let epoch: Epoch
  private(set) var entries: [QueueEntry] = []
  private(set) var endedRuns: Set<String> = []

  init(transaction: SQLiteTransaction, handover: SQLiteHandover) throws(DriverError) {
    self.transaction = transaction
    self.handover = handover
    epoch = try SQLiteJobs(transaction).epoch()
  }

  mutating func settle(_ settlement: Settlement) throws(DriverError) -> SettleAnswer {
    let (authority, jobs) = (settlement.authority, SQLiteJobs(transaction))
    guard let stored = try jobs.standing(of: authority.job) else { return .stale }
    guard stored.standing.admits(authority, in: epoch) else { return try refusal(authority, stored.standing) }
    let next = stored.standing.settled(
      settlement.outcome, by: authority.holder, startedAt: settlement.startedAt, at: handover.now)
    try jobs.settle(authority.job, to: next, outcome: settlement.outcome)
    try SQLiteAttempts(transaction: transaction).insert(
      AttemptRecord(
        job: authority.job, fence: authority.fence, attempt: max(1, next.attempts), holder: authority.holder,
        host: settlement.host, startedAt: settlement.startedAt, finishedAt: handover.now,
        outcome: settlement.outcome.word, failure: settlement.outcome.failure))
    switch next.state {
    case .queued:
      entries.append(
        QueueEntry(
          job: authority.job, fence: next.fence, queue: stored.queue, delay: max(.zero, next.dueAt - handover.now)))
    case .pending: try handover.withdraw(authority.job)
    default:
      endedRuns.insert(stored.run)
      try handover.withdraw(authority.job)
    }
    return .settled
  }

  /// Plans what follows in every run in which a job has ended; runs in order of id, so that two batches never wait for
  /// each other.
  mutating func advanceRuns(plan: SettlePlanner) throws -> Int {
    var emitted = 0
    for run in endedRuns.sorted() {
      let result = try SQLiteRuns(transaction: transaction, now: handover.now).advance(RunID(run), plan: plan)
      entries += result.entries
      emitted += result.emitted
    }
    return emitted
  }

  /// The same answer as before to who settled this fence; otherwise why nothing is recorded.
  private func refusal(_ authority: Authority, _ standing: JobStanding) throws(DriverError) -> SettleAnswer {
    let before = try SQLiteAttempts(transaction: transaction).holder(of: authority.job, under: authority.fence)
    if before == authority.holder { return .settled }
    return standing.state.isLive ? .stale : .ended
  }
}

extension SQLiteStore {
  public func settle(_ settlements: [Settlement], plan: @escaping SettlePlanner) async throws(DriverError)
    -> SettleResult
  {
    try await write { transaction, handover in
      var settling = try SQLiteSettling(transaction: transaction, handover: handover)
      var answers: [SettleAnswer] = []
      for settlement in settlements { answers.append(try settling.settle(settlement)) }
      let emitted = try settling.advanceRuns(plan: plan)
      let handoff = try handover.handOver(settling.entries)
      return (
        SettleResult(answers: answers, handoff: handoff, emitted: emitted), pushed: !settling.entries.isEmpty
      )
    }
  }
}
