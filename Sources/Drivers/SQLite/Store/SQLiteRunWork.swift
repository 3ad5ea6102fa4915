import WorkerKit

/// What a transaction has still to see to: runs to plan again, jobs whose ordering has to hear of their new standing.
struct SQLiteRunWork {
  private let transaction: SQLiteTransaction
  private let handover: SQLiteHandover
  /// Runs in which a job has ended, by row.
  var runs: [Int64: EndedRun] = [:]
  /// Jobs with an ordering that ended or went back to their queue.
  var ordered: [JobID] = []
  /// Turns that runs need no more.
  var freed: [(line: OrderingKey, run: RunID)] = []
  /// What is to be pushed.
  var entries: [StoredEntry] = []
  /// Jobs that ended without a host's doing, as they stand.
  var ended: [Job] = []
  /// How many emitted events are new.
  private(set) var emitted = 0

  init(transaction: SQLiteTransaction, handover: SQLiteHandover) {
    self.transaction = transaction
    self.handover = handover
  }

  /// Plans run after run until nothing has ended any more; runs in order, so that the same work comes to the same.
  mutating func advance(plan: SettlePlanner) throws {
    try tellOrdering()
    guard !runs.isEmpty else { return }
    let table = try SQLiteRuns(transaction: transaction, handover: handover)
    while !runs.isEmpty {
      for row in runs.keys.sorted() {
        guard let run = runs.removeValue(forKey: row), let outcome = try table.advance(run, plan: plan) else {
          continue
        }
        try take(outcome)
      }
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
    let jobs = try SQLiteJobs(transaction)
    for job in ordering.withdrawn {
      guard let stored = try jobs.standing(of: job) else { continue }
      try handover.withdraw(stored.row)
      entries.removeAll { $0.row == stored.row }
      if let job = try transaction.job(job) { ended.append(job) }
    }
    for job in ordering.released {
      guard let stored = try jobs.standing(of: job), stored.standing.state == .queued else { continue }
      entries.removeAll { $0.row == stored.row }
      entries.append(stored.entry(job, stored.standing, at: handover.now))
    }
    for run in ordering.takeEndedRuns() {
      if let stored = try StoredRun.find(run, transaction) { runs[stored.row] = EndedRun(run: stored) }
    }
  }

  private mutating func tellOrdering() throws(DriverError) {
    guard !ordered.isEmpty || !freed.isEmpty else { return }
    let (changed, turns) = (ordered, freed)
    (ordered, freed) = ([], [])
    try order { ordering throws(DriverError) in try ordering.tell(of: changed, freed: turns) }
  }
}
