public import WorkerKit

/// Settles a batch within one transaction.
struct SQLiteSettling {
  private let transaction: SQLiteTransaction
  private let handover: SQLiteHandover
  private let epoch: Epoch
  private let jobs: SQLiteJobs
  private let ends: SQLiteEnds
  private let queue: SQLiteQueueEntries
  /// What follows from what was settled.
  var work: SQLiteRunWork

  init(transaction: SQLiteTransaction, handover: SQLiteHandover) throws(DriverError) {
    self.transaction = transaction
    self.handover = handover
    work = SQLiteRunWork(transaction: transaction, handover: handover)
    jobs = try SQLiteJobs(transaction)
    ends = try SQLiteEnds(transaction)
    queue = try handover.queue()
    epoch = try jobs.epoch()
  }

  mutating func settle(_ settlement: Settlement) throws(DriverError) -> SettleAnswer {
    let authority = settlement.authority
    guard let stored = try jobs.standing(of: authority.job) else { return .stale }
    guard stored.standing.admits(authority, in: epoch) else { return try refusal(authority, stored) }
    let next = stored.standing.settled(
      settlement.outcome, by: authority.holder, startedAt: settlement.startedAt, at: handover.now)
    switch next.state {
    case _ where next.belongsInQueue:
      try sendBack(settlement, stored, next)
      work.entries.append(stored.entry(authority.job, next, at: handover.now))
    case .pending:
      try sendBack(settlement, stored, next)
      try withdraw(stored.row)
    default:
      try ends.insert(stored.row, next, settlement, at: handover.now)
      try withdraw(stored.row)
      work.runs[stored.run.row] = EndedRun(run: stored.run, results: Self.results(stored, next, settlement))
    }
    if stored.isOrdered { work.ordered.append(authority.job) }
    return .settled
  }

  /// The jobs of a run that has this one alone.
  private static func results(
    _ stored: StoredStanding, _ next: JobStanding, _ settlement: Settlement
  ) -> RunResults? {
    guard stored.isAlone else { return nil }
    var output: [UInt8]?
    if case .succeeded(let bytes, _) = settlement.outcome { output = bytes }
    let result = StageResult(state: next.state, output: output, failure: settlement.outcome.failure)
    var results = RunResults()
    results.add(result, of: stored.stage, element: stored.element)
    return results
  }

  /// The job lives on, in the queue or waiting outside it; what ended its fence goes into the ledger.
  private func sendBack(_ settlement: Settlement, _ stored: StoredStanding, _ next: JobStanding) throws(DriverError) {
    try jobs.update(stored.row, to: next)
    try jobs.keep(settlement.outcome.failure, of: settlement.host, job: stored.row)
    try SQLiteAttempts(transaction: transaction).insert(
      AttemptRecord(
        job: settlement.authority.job, fence: settlement.authority.fence, attempt: max(1, next.attempts),
        holder: settlement.authority.holder, host: settlement.host, startedAt: settlement.startedAt,
        finishedAt: handover.now, outcome: settlement.outcome.word, failure: settlement.outcome.failure),
      of: stored.row)
  }

  private func withdraw(_ job: Int64) throws(DriverError) {
    if handover.movesQueue { try queue.remove(job) }
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
      return SettleResult(answers: answers, handoff: handoff, emitted: work.emitted, ended: work.ended)
    }
  }
}
