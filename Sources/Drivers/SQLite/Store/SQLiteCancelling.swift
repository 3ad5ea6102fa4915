public import WorkerKit

extension SQLiteStore {
  public func cancel(
    _ requests: [CancelRequest], next: @escaping SettlePlanner
  ) async throws(DriverError) -> CancelResult {
    try await write { transaction, handover in
      var cancelling = SQLiteCancelling(transaction: transaction, handover: handover)
      let answers = try requests.map { try cancelling.cancel($0) }
      try cancelling.work.advance(plan: next)
      let handoff = try handover.handOver(cancelling.work.entries)
      return CancelResult(
        answers: answers, jobs: cancelling.cancelled, handoff: handoff, ended: cancelling.work.ended)
    }
  }
}

/// Ends jobs and runs within one transaction.
private struct SQLiteCancelling {
  let transaction: SQLiteTransaction
  let handover: SQLiteHandover
  var work: SQLiteRunWork
  var cancelled: [FencedJob] = []

  init(transaction: SQLiteTransaction, handover: SQLiteHandover) {
    self.transaction = transaction
    self.handover = handover
    work = SQLiteRunWork(transaction: transaction, handover: handover)
  }

  mutating func cancel(_ request: CancelRequest) throws(DriverError) -> CancelAnswer {
    switch request.target {
    case .job(let job):
      guard let stored = try SQLiteJobs(transaction).standing(of: job) else { return .missing }
      guard stored.standing.state.isLive else { return .ended }
      try cancel(job, stored, request)
    case .run(let run):
      guard let found = try row(of: run) else { return .missing }
      guard found.isRunning else { return .ended }
      try cancel(run, found.row, request)
    }
    return .cancelled
  }

  private mutating func cancel(_ run: RunID, _ row: Int64, _ request: CancelRequest) throws(DriverError) {
    try transaction.run(
      "UPDATE runs SET state = ?3, finished_at = ?2 WHERE sequence = ?1", .integer(row), .moment(handover.now),
      .integer(SQLiteRunRows.number(of: .cancelled)))
    let live = try transaction.connection.statement(Self.live).rows([.integer(row)]) { row throws(DriverError) in
      JobID(row.text(0))
    }
    let jobs = try SQLiteJobs(transaction)
    for job in live {
      if let stored = try jobs.standing(of: job) { try cancel(job, stored, request) }
    }
    // One of its jobs may have been cancelled before it.
    work.runs[row] = nil
    // The turns of stages to come, which will have no job.
    let lines = try SQLiteOrderingRows(transaction: transaction, now: handover.now).lines(of: row)
    work.freed += lines.map { ($0, run) }
  }

  private mutating func cancel(_ job: JobID, _ stored: StoredStanding, _ request: CancelRequest) throws(DriverError) {
    cancelled.append(FencedJob(job: job, fence: stored.standing.fence))
    try SQLiteJobs(transaction).end(
      stored.row, as: stored.standing.cancelled(because: CancelRequest.word, at: handover.now))
    try handover.withdrawCancelled(stored.row)
    try transaction.run(
      "INSERT INTO audit (at, who, action, job, fence, reason) VALUES (?1, ?2, 'cancel', ?3, ?4, ?5)",
      .moment(handover.now), .text(request.by), .text(job.rawValue), .integer(stored.standing.fence.rawValue),
      .text(request.reason))
    if let job = try transaction.job(job) { work.ended.append(job) }
    work.runs[stored.run.row] = EndedRun(run: stored.run)
    if stored.isOrdered { work.ordered.append(job) }
  }

  private func row(of run: RunID) throws(DriverError) -> (row: Int64, isRunning: Bool)? {
    try transaction.connection.statement("SELECT sequence, state FROM runs WHERE id = ?1")
      .first(.text(run.rawValue)) { row throws(DriverError) in
        (row.integer(0), row.integer(1) == SQLiteRunRows.number(of: .running))
      }
  }

  private static let live = SQLiteText(
    """
    SELECT \(SQLiteJobRows.id) FROM \(SQLiteJobRows.runFirst()) WHERE runs.sequence = ?1 AND ends.job IS NULL
    ORDER BY jobs.sequence
    """)
}
