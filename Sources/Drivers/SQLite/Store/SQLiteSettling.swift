public import WorkerKit

/// Settles a batch within one transaction.
struct SQLiteSettling {
  private let transaction: SQLiteTransaction
  private let handover: SQLiteHandover
  private let epoch: Epoch
  private let jobs: SQLiteJobs
  private let ends: SQLiteEnds
  private let queue: SQLiteQueueEntries
  private(set) var entries: [StoredEntry] = []
  private var endedRuns: [Int64: EndedRun] = [:]

  init(transaction: SQLiteTransaction, handover: SQLiteHandover) throws(DriverError) {
    self.transaction = transaction
    self.handover = handover
    jobs = try SQLiteJobs(transaction)
    ends = try SQLiteEnds(transaction)
    queue = try SQLiteQueueEntries(transaction: transaction, now: handover.now)
    epoch = try jobs.epoch()
  }

  mutating func settle(_ settlement: Settlement) throws(DriverError) -> SettleAnswer {
    let authority = settlement.authority
    guard let stored = try jobs.standing(of: authority.job) else { return .stale }
    guard stored.standing.admits(authority, in: epoch) else { return try refusal(authority, stored) }
    let next = stored.standing.settled(
      settlement.outcome, by: authority.holder, startedAt: settlement.startedAt, at: handover.now)
    switch next.state {
    case .queued:
      try sendBack(settlement, stored, next)
      entries.append(stored.entry(authority.job, next, at: handover.now))
    case .pending:
      try sendBack(settlement, stored, next)
      try withdraw(stored.row)
    default:
      try ends.insert(stored.row, next, settlement, at: handover.now)
      try withdraw(stored.row)
      endedRuns[stored.run.row] = EndedRun(
        run: stored.run, stages: stored.isAlone ? [stored.stage: Self.result(next, settlement)] : nil)
    }
    return .settled
  }

  private static func result(_ standing: JobStanding, _ settlement: Settlement) -> StageResult {
    guard case .succeeded(let output, _) = settlement.outcome else {
      return StageResult(state: standing.state, output: nil)
    }
    return StageResult(state: standing.state, output: output)
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

  /// Plans what follows in every run in which a job has ended; runs in order, so that two batches never wait for
  /// each other.
  mutating func advanceRuns(plan: SettlePlanner) throws -> Int {
    guard !endedRuns.isEmpty else { return 0 }
    let runs = try SQLiteRuns(transaction: transaction, now: handover.now)
    var emitted = 0
    for run in endedRuns.values.sorted(by: { $0.run.row < $1.run.row }) {
      let result = try runs.advance(run, plan: plan)
      entries += result.entries
      emitted += result.emitted
    }
    return emitted
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
      let emitted = try settling.advanceRuns(plan: plan)
      let handoff = try handover.handOver(settling.entries)
      return (
        SettleResult(answers: answers, handoff: handoff, emitted: emitted), pushed: !settling.entries.isEmpty
      )
    }
  }
}
