public import WorkerKit

/// Settles a batch within one transaction.
struct SQLiteSettling {
  let transaction: SQLiteTransaction
  let handover: SQLiteHandover
  let epoch: Epoch
  /// What follows from what was settled.
  var work: SQLiteRunWork

  init(transaction: SQLiteTransaction, handover: SQLiteHandover) throws(DriverError) {
    self.transaction = transaction
    self.handover = handover
    work = SQLiteRunWork(transaction: transaction, handover: handover)
    epoch = try SQLiteJobs(transaction).epoch()
  }

  mutating func settle(_ settlement: Settlement) throws(DriverError) -> SettleAnswer {
    let (authority, jobs) = (settlement.authority, SQLiteJobs(transaction))
    guard let stored = try jobs.standing(of: authority.job) else { return .stale }
    guard stored.standing.admits(authority, in: epoch) else { return try refusal(authority, stored) }
    let next = stored.standing.settled(
      settlement.outcome, by: authority.holder, startedAt: settlement.startedAt, at: handover.now)
    try jobs.settle(stored.row, to: next, settlement)
    switch next.state {
    case _ where next.belongsInQueue:
      try recordEnd(of: settlement, stored, next)
      work.entries.append(stored.entry(authority.job, next, at: handover.now))
    case .pending:
      try recordEnd(of: settlement, stored, next)
      try handover.withdraw(stored.row)
    default:
      work.runs.insert(stored.run)
      try handover.withdraw(stored.row)
    }
    if stored.isOrdered { work.ordered.append(authority.job) }
    return .settled
  }

  private func recordEnd(of settlement: Settlement, _ stored: StoredStanding, _ next: JobStanding) throws(DriverError) {
    try SQLiteAttempts(transaction: transaction).insert(
      AttemptRecord(
        job: settlement.authority.job, fence: settlement.authority.fence, attempt: max(1, next.attempts),
        holder: settlement.authority.holder, host: settlement.host, startedAt: settlement.startedAt,
        finishedAt: handover.now, outcome: settlement.outcome.word, failure: settlement.outcome.failure),
      of: stored.row)
  }

  /// The same answer as before to who settled this fence; otherwise why nothing is recorded.
  private func refusal(_ authority: Authority, _ stored: StoredStanding) throws(DriverError) -> SettleAnswer {
    if try SQLiteAttempts(transaction: transaction).settled(authority, stored) { return .settled }
    return stored.standing.state.isLive ? .stale : .ended
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
      try settling.work.advance(plan: plan)
      let work = settling.work
      let handoff = try handover.handOver(work.entries)
      return (
        SettleResult(answers: answers, handoff: handoff, emitted: work.emitted), pushed: !work.entries.isEmpty
      )
    }
  }
}
