import WorkerKit

/// What a plan came to in the tables.
struct SQLitePlanOutcome {
  /// New jobs to be pushed.
  var entries: [StoredEntry] = []
  /// New jobs that something orders, of which the rules have not been told.
  var ordered: [JobID] = []
  /// Turns that runs need no more.
  var freed: [(line: OrderingKey, run: RunID)] = []
  /// How many emitted events are new.
  var emitted: Int
}

/// A run in which a job has ended.
struct EndedRun {
  let run: StoredRun
  /// Its jobs, where all of them are known without asking.
  var results: RunResults?
}

/// The runs table, and what plans do to it, within one transaction.
struct SQLiteRuns {
  private let transaction: SQLiteTransaction
  private let now: Timestamp
  private let insertion: SQLiteStatement
  private let change: SQLiteStatement
  private let jobs: SQLiteJobInsertion

  init(transaction: SQLiteTransaction, handover: SQLiteHandover) throws(DriverError) {
    self.transaction = transaction
    now = handover.now
    insertion = try transaction.connection.statement(
      """
      INSERT INTO runs (sequence, id, tenant, pipeline, revision, created_at, state, finished_at, idle, problems,
        replay)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?6, ?8, ?9, ?10)
      """)
    change = try transaction.connection.statement(
      """
      UPDATE runs SET state = ?2, finished_at = ?3, idle = ?4, problems = ?5
      WHERE sequence = ?1 AND (state <> ?2 OR idle IS NOT ?4 OR problems IS NOT ?5)
      """)
    jobs = try SQLiteJobInsertion(transaction: transaction, handover: handover)
  }

  /// How many runs an event has numbers given to: the ordinal of the next one.
  func count(of event: Int64) throws(DriverError) -> Int64 {
    let first = RowNumbers.firstRun(of: event)
    let last = try transaction.connection.statement("SELECT max(sequence) FROM runs WHERE sequence BETWEEN ?1 AND ?2")
      .first(.integer(first), .integer(first + RowNumbers.runsOfEvent - 1)) { row throws(DriverError) in
        row.optionalInteger(0)
      }
    return (last ?? nil).map { $0 - first + 1 } ?? 0
  }

  /// Creates a run with its turns and its first jobs.
  func create(
    _ new: NewRun, ordinal: Int64, for event: EventEnvelope, sequence: Int64, replay: ReplayID? = nil
  ) throws(DriverError) -> SQLitePlanOutcome {
    let run = StoredRun(new, row: RowNumbers.firstRun(of: sequence) + ordinal, tenant: event.tenant)
    insertion.bind(1, run.row)
    insertion.bind(2, new.id.rawValue)
    insertion.bind(3, event.tenant.rawValue)
    insertion.bind(4, new.pipeline.rawValue)
    insertion.bind(5, new.revision.rawValue)
    insertion.bind(6, now)
    insertion.bind(7, SQLiteRunRows.number(of: new.plan.state))
    insertion.bind(8, new.plan.idleJSON?.bytes())
    insertion.bind(9, new.plan.problemsJSON?.bytes())
    insertion.bind(10, replay?.rawValue)
    try insertion.execute()
    if !new.turns.isEmpty {
      let rows = SQLiteOrderingRows(transaction: transaction, now: now)
      for turn in new.turns { try rows.enter(run.line(turn), run: new.id) }
    }
    return try carryOut(new.plan, for: run, after: RunResults(), context: event.storedContext)
  }

  /// Plans what follows in a run after some of its jobs were settled, and does it; nil where nothing follows any more.
  func advance(_ ended: EndedRun, plan: SettlePlanner) throws -> SQLitePlanOutcome? {
    let run = ended.run
    guard !run.isCancelled else { return nil }
    let results = try ended.results ?? results(of: run.row)
    let reader = EventReader(transaction: transaction, event: RowNumbers.event(of: run.row))
    let next = try plan(
      RunSnapshot(
        id: run.id, pipeline: run.pipeline, revision: run.revision, stages: results.stages,
        elements: results.elements, readingEvent: { () throws(DriverError) in try reader.read() }))
    change.bind(1, run.row)
    change.bind(2, SQLiteRunRows.number(of: next.state))
    change.bind(3, now)
    change.bind(4, next.idleJSON?.bytes())
    change.bind(5, next.problemsJSON?.bytes())
    try change.execute()
    let context = next.jobs.isEmpty ? nil : try EventEnvelope.restore(reader.read()).storedContext
    return try carryOut(next, for: run, after: results, context: context)
  }

  /// Opens a run again whose dead letter is replayed.
  func reopen(_ run: Int64) throws(DriverError) {
    try transaction.run(
      "UPDATE runs SET state = ?2 WHERE sequence = ?1", .integer(run), .integer(SQLiteRunRows.number(of: .running)))
  }

  private func carryOut(
    _ plan: RunPlan, for run: StoredRun, after results: RunResults, context: [UInt8]?
  ) throws(DriverError) -> SQLitePlanOutcome {
    var outcome = SQLitePlanOutcome(emitted: try emit(plan.emits))
    outcome.freed = plan.freed.map { (run.line($0), run.id) }
    for (job, entry) in try jobs.insert(plan.jobs, into: run, after: results, context: context) {
      guard let ordering = job.ordering, ordering.orders else {
        outcome.entries.append(entry)
        continue
      }
      outcome.ordered.append(job.id)
      guard let key = ordering.execution else { continue }
      try SQLiteOrderingRows(transaction: transaction, now: now)
        .share(ExecutionKey(tenant: run.tenant, key: key), by: entry.row)
    }
    return outcome
  }

  private func emit(_ events: [EventEnvelope]) throws(DriverError) -> Int {
    guard !events.isEmpty else { return 0 }
    var table = try SQLiteEvents(transaction: transaction, now: now)
    var emitted = 0
    for event in events where try table.insert(event, bytes: event.bytes) != nil { emitted += 1 }
    return emitted
  }

  private func results(of run: Int64) throws(DriverError) -> RunResults {
    let first = RowNumbers.firstJob(of: run)
    var results = RunResults()
    let jobs = try transaction.connection.statement(
      """
      SELECT stage, element, coalesce(ends.state, jobs.state), output,
        CASE WHEN ends.job IS NULL THEN jobs.failure ELSE ends.failure END,
        CASE WHEN ends.job IS NULL THEN jobs.waiting_for ELSE ends.reason END
      FROM jobs LEFT JOIN ends ON ends.job = jobs.sequence WHERE jobs.sequence BETWEEN ?1 AND ?2
      """
    ).rows([.integer(first), .integer(first + RowNumbers.jobsOfRun - 1)]) { row throws(DriverError) in
      let result = StageResult(
        state: JobState(rawValue: row.text(2)) ?? .failed, output: row.optionalBytes(3),
        failure: try row.optionalJSON(4).flatMap { Failure(json: $0) }, waitingFor: row.optionalText(5))
      return (StageName(row.text(0)), row.optionalInteger(1).map { Int($0) }, result)
    }
    for (stage, element, result) in jobs { results.add(result, of: stage, element: element) }
    return results
  }
}

/// Reads the event of a run when a plan asks for it: most do not.
// Unchecked because only the plan uses it, on the writer's thread and inside the transaction.
private struct EventReader: @unchecked Sendable {
  let transaction: SQLiteTransaction
  let event: Int64

  func read() throws(DriverError) -> [UInt8] {
    let bytes = try transaction.connection.statement("SELECT envelope FROM events WHERE sequence = ?1")
      .first(.integer(event)) { row throws(DriverError) in row.bytes(0) }
    return bytes ?? []
  }
}
