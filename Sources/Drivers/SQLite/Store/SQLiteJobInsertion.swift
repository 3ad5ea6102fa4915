import WorkerKit

/// Creates jobs within one transaction.
struct SQLiteJobInsertion {
  private let transaction: SQLiteTransaction
  private let now: Timestamp
  private let queueNow: Timestamp
  private let insertion: SQLiteStatement

  init(transaction: SQLiteTransaction, handover: SQLiteHandover) throws(DriverError) {
    self.transaction = transaction
    now = handover.now
    queueNow = handover.queueNow
    insertion = try transaction.connection.statement(
      """
      INSERT INTO jobs (sequence, stage, name, worker, queue, priority, created_at, state, fence, attempts, losses,
        due_at, entry_due, context, unresolved, input, element, lease, ordering)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?19, ?13, ?14, ?15, ?16, ?17, ?18)
      ON CONFLICT DO NOTHING
      """)
  }

  /// Creates the jobs of a plan, all but those whose stage or element has one already: the second wall against a lost
  /// join.
  func insert(_ jobs: [NewJob], into run: StoredRun, after results: RunResults, context: [UInt8]?)
    throws(DriverError) -> [(job: NewJob, entry: StoredEntry)]
  {
    guard !jobs.isEmpty else { return [] }
    var (created, taken): ([(job: NewJob, entry: StoredEntry)], Set<Place>) = ([], [])
    var ordinal = results.isEmpty ? 0 : try nextOrdinal(run.row)
    for job in jobs {
      guard !results.has(job.stage, element: job.index) else { continue }
      if jobs.count > 1 {
        guard taken.insert(Place(stage: job.stage, element: job.index)).inserted else { continue }
      }
      let row = try RowNumbers.job(ordinal, of: run.row)
      guard try insert(job, row, of: run.id, isBeside: ordinal < RowNumbers.jobsBesideRun, context) else { continue }
      ordinal += 1
      let entry = QueueEntry(
        job: job.id, fence: .first, queue: job.queue, priority: job.priority, lease: job.lease,
        lane: Lane(tenant: run.tenant, pipeline: run.pipeline, stage: job.stage, flow: job.ordering?.flow))
      created.append((job, StoredEntry(row: row, entry: entry, isNew: true)))
    }
    return created
  }

  /// What a run has one job for.
  private struct Place: Hashable {
    let stage: StageName
    let element: Int?
  }

  private func insert(_ new: NewJob, _ row: Int64, of run: RunID, isBeside: Bool, _ context: [UInt8]?)
    throws(DriverError) -> Bool
  {
    let standing = JobStanding(createdAt: now)
    let isDerived = isBeside && new.isDerived(from: run)
    insertion.bind(1, row)
    insertion.bind(2, new.stage.rawValue)
    insertion.bind(3, isDerived ? nil : new.id.rawValue)
    insertion.bind(4, new.worker.rawValue)
    insertion.bind(5, new.queue.rawValue)
    insertion.bind(6, Int64(new.priority.rank))
    insertion.bind(7, now)
    insertion.bind(8, standing.state.rawValue)
    insertion.bind(9, standing.fence.rawValue)
    insertion.bind(10, Int64(standing.attempts))
    insertion.bind(11, Int64(standing.losses))
    insertion.bind(12, standing.dueAt)
    insertion.bind(13, context)
    bind(new.input)
    if let index = new.index { insertion.bind(16, Int64(index)) } else { insertion.bindNull(16) }
    if let lease = new.lease { insertion.bind(17, lease.milliseconds) } else { insertion.bindNull(17) }
    insertion.bind(18, new.ordering?.json.bytes())
    insertion.bind(19, queueNow)
    try insertion.execute()
    return transaction.connection.changes == 1
  }

  private func bind(_ input: JobInput) {
    switch input {
    case .resolved(let bytes):
      insertion.bindNull(14)
      insertion.bind(15, bytes)
    case .unresolved(let reference):
      insertion.bind(14, reference)
      insertion.bindNull(15)
    }
  }

  private func nextOrdinal(_ run: Int64) throws(DriverError) -> Int64 {
    let first = RowNumbers.firstJob(of: run)
    let last = try transaction.connection.statement("SELECT max(sequence) FROM jobs WHERE sequence BETWEEN ?1 AND ?2")
      .first(.integer(first), .integer(first + RowNumbers.jobsOfRun - 1)) { row throws(DriverError) in
        row.optionalInteger(0)
      }
    return (last ?? nil).map { $0 - first + 1 } ?? 0
  }
}
