import WorkerKit

/// Creates jobs within one transaction.
struct SQLiteJobInsertion {
  private let transaction: SQLiteTransaction
  private let now: Timestamp
  private let insertion: SQLiteStatement

  init(transaction: SQLiteTransaction, now: Timestamp) throws(DriverError) {
    self.transaction = transaction
    self.now = now
    insertion = try transaction.connection.statement(
      """
      INSERT INTO jobs (sequence, stage, name, worker, queue, priority, created_at, state, fence, attempts, losses,
        due_at, entry_due, context, unresolved, input)
      VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?12, ?13, ?14)
      ON CONFLICT DO NOTHING
      """)
  }

  /// Creates the jobs of a plan, all but those whose stage has one already: the second wall against a lost join.
  func insert(_ jobs: [NewJob], into run: Int64, _ id: RunID, after stages: Set<StageName>, context: [UInt8]?)
    throws(DriverError) -> [StoredEntry]
  {
    var (entries, taken): ([StoredEntry], Set<StageName>) = ([], stages)
    var ordinal = stages.isEmpty ? 0 : try nextOrdinal(run)
    for job in jobs {
      if jobs.count > 1 || !taken.isEmpty {
        guard taken.insert(job.stage).inserted else { continue }
      }
      let row = try SQLiteNumbers.job(ordinal, of: run)
      guard try insert(job, row, of: id, isBeside: ordinal < SQLiteNumbers.jobsBesideRun, context) else { continue }
      ordinal += 1
      let entry = QueueEntry(job: job.id, fence: .first, queue: job.queue)
      entries.append(StoredEntry(row: row, entry: entry, isNew: true))
    }
    return entries
  }

  private func insert(_ new: NewJob, _ row: Int64, of run: RunID, isBeside: Bool, _ context: [UInt8]?)
    throws(DriverError) -> Bool
  {
    let standing = JobStanding(createdAt: now)
    let isDerived =
      isBeside && DerivedID(new.id).map { $0.run == run.rawValue && $0.stage == new.stage.rawValue } ?? false
    insertion.bind(1, row)
    insertion.bind(2, new.stage.rawValue)
    insertion.bind(3, isDerived ? nil : new.id.rawValue)
    insertion.bind(4, new.worker.rawValue)
    insertion.bind(5, new.queue.rawValue)
    insertion.bind(6, now)
    insertion.bind(7, standing.state.rawValue)
    insertion.bind(8, standing.fence.rawValue)
    insertion.bind(9, Int64(standing.attempts))
    insertion.bind(10, Int64(standing.losses))
    insertion.bind(11, standing.dueAt)
    insertion.bind(12, context)
    switch new.input {
    case .resolved(let bytes):
      insertion.bindNull(13)
      insertion.bind(14, bytes)
    case .unresolved(let reference):
      insertion.bind(13, reference)
      insertion.bindNull(14)
    }
    try insertion.execute()
    return transaction.connection.changes == 1
  }

  private func nextOrdinal(_ run: Int64) throws(DriverError) -> Int64 {
    let first = SQLiteNumbers.firstJob(of: run)
    let last = try transaction.connection.statement("SELECT max(sequence) FROM jobs WHERE sequence BETWEEN ?1 AND ?2")
      .first(.integer(first), .integer(first + SQLiteNumbers.jobsOfRun - 1)) { row throws(DriverError) in
        row.optionalInteger(0)
      }
    return (last ?? nil).map { $0 - first + 1 } ?? 0
  }
}
