import WorkerKit

/// What a transaction has still to see to: runs to plan again, jobs whose ordering has to hear of their new standing.
struct SQLiteRunWork {
  let transaction: SQLiteTransaction
  let handover: SQLiteHandover
  /// Runs in which a job has ended.
  var runs: Set<Int64> = []
  /// Jobs with an ordering that ended or went back to their queue.
  var ordered: [JobID] = []
  /// Turns that runs need no more.
  var freed: [(line: OrderingKey, run: RunID)] = []
  /// What is to be pushed.
  var entries: [StoredEntry] = []
  /// How many emitted events are new.
  var emitted = 0

  init(transaction: SQLiteTransaction, handover: SQLiteHandover) {
    self.transaction = transaction
    self.handover = handover
  }

  /// Plans run after run until nothing has ended any more; runs in order, so that two batches never wait for each
  /// other.
  mutating func advance(plan: SettlePlanner) throws {
    try tellOrdering()
    let table = SQLiteRuns(transaction: transaction, now: handover.now)
    while let run = runs.min() {
      runs.remove(run)
      guard let outcome = try table.advance(run, plan: plan) else { continue }
      try take(outcome)
    }
  }

  /// Takes what a plan came to: new jobs, freed turns, emitted events.
  mutating func take(_ outcome: SQLitePlanOutcome) throws(DriverError) {
    entries += outcome.entries
    emitted += outcome.emitted
    guard !outcome.ordered.isEmpty || !outcome.freed.isEmpty else { return }
    try order { ordering throws(DriverError) in
      for job in outcome.ordered { try ordering.created(job) }
      for turn in outcome.freed { try ordering.freed(turn.line, run: turn.run) }
    }
  }

  /// Lets the rules of ordering work, and takes what they ask for.
  mutating func order(
    _ body: (inout Ordering<SQLiteOrderingRows>) throws(DriverError) -> Void
  ) throws(DriverError) {
    var ordering = Ordering(SQLiteOrderingRows(transaction: transaction, now: handover.now))
    try body(&ordering)
    let jobs = SQLiteJobs(transaction)
    for job in ordering.withdrawn {
      guard let stored = try jobs.standing(of: job) else { continue }
      try handover.withdraw(stored.row)
      entries.removeAll { $0.row == stored.row }
    }
    for job in ordering.released {
      guard let stored = try jobs.standing(of: job), stored.standing.state == .queued else { continue }
      entries.removeAll { $0.row == stored.row }
      entries.append(stored.entry(job, stored.standing, at: handover.now))
    }
    let ended = ordering.takeEndedRuns()
    for run in ended {
      let row = try transaction.connection.statement("SELECT sequence FROM runs WHERE id = ?1")
        .first(.text(run.rawValue)) { row throws(DriverError) in row.integer(0) }
      if let row { runs.insert(row) }
    }
  }

  private mutating func tellOrdering() throws(DriverError) {
    guard !ordered.isEmpty || !freed.isEmpty else { return }
    let (changed, turns) = (ordered, freed)
    (ordered, freed) = ([], [])
    try order { ordering throws(DriverError) in
      for job in changed {
        guard let standing = try ordering.rows.orderedJob(job)?.standing else { continue }
        if standing.state.isLive { try ordering.retried(job) } else { try ordering.ended(job) }
      }
      for turn in turns { try ordering.freed(turn.line, run: turn.run) }
    }
  }
}
