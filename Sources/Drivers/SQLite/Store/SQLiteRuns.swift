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

/// The runs table, and what plans do to it, within one transaction.
struct SQLiteRuns {
  let transaction: SQLiteTransaction
  let now: Timestamp

  /// Creates a run with its turns and its first jobs.
  func create(_ run: NewRun, for event: EventEnvelope, sequence: Int64) throws(DriverError) -> SQLitePlanOutcome {
    try transaction.connection.statement(
      """
      INSERT INTO runs (id, event, tenant, pipeline, revision, created_at, state, finished_at, idle, problems)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
      """
    ).run(
      [
        .text(run.id.rawValue), .integer(sequence), .text(event.tenant.rawValue), .text(run.pipeline.rawValue),
        .text(run.revision.rawValue), .moment(now),
      ] + standing(of: run.plan))
    let row = transaction.connection.lastInsertedRow
    let owner = Owner(row: row, id: run.id, tenant: event.tenant, pipeline: run.pipeline)
    let rows = SQLiteOrderingRows(transaction: transaction, now: now)
    for turn in run.turns { try rows.enter(owner.line(turn), run: run.id) }
    return try carryOut(run.plan, for: owner, context: event.logFields)
  }

  /// Whose jobs a plan makes.
  private struct Owner {
    let row: Int64
    let id: RunID
    let tenant: TenantID
    let pipeline: PipelineName

    func line(_ turn: Turn) -> OrderingKey {
      OrderingKey(tenant: tenant, pipeline: pipeline, stage: turn.stage, key: turn.key)
    }
  }

  private func carryOut(
    _ plan: RunPlan, for owner: Owner, context: [String: String]
  ) throws(DriverError) -> SQLitePlanOutcome {
    var outcome = SQLitePlanOutcome(emitted: try emit(plan.emits))
    outcome.freed = plan.freed.map { (owner.line($0), owner.id) }
    let fields: SQLiteValue = context.isEmpty ? .null : .json(.object(context.mapValues { .string($0) }))
    for job in plan.jobs {
      guard let entry = try SQLiteJobs(transaction).insert(job, run: owner.row, context: fields, at: now) else {
        continue
      }
      guard let ordering = job.ordering else {
        outcome.entries.append(entry)
        continue
      }
      outcome.ordered.append(job.id)
      guard let key = ordering.execution else { continue }
      try SQLiteOrderingRows(transaction: transaction, now: now)
        .share(ExecutionKey(tenant: owner.tenant, key: key), by: entry.row)
    }
    return outcome
  }

  /// Plans what follows in a run after some of its jobs were settled, and does it; nil where nothing follows any more.
  func advance(_ run: Int64, plan: SettlePlanner) throws -> SQLitePlanOutcome? {
    guard let (snapshot, tenant) = try snapshot(of: run) else { return nil }
    let next = try plan(snapshot)
    try transaction.connection.statement(
      "UPDATE runs SET state = ?2, finished_at = ?3, idle = ?4, problems = ?5 WHERE sequence = ?1"
    ).run([.integer(run)] + standing(of: next))
    let owner = Owner(row: run, id: snapshot.id, tenant: tenant, pipeline: snapshot.pipeline)
    let context = next.jobs.isEmpty ? [:] : try EventEnvelope.restore(snapshot.event).logFields
    return try carryOut(next, for: owner, context: context)
  }

  /// Opens a run again whose dead letter is replayed.
  func reopen(_ run: Int64) throws(DriverError) {
    try transaction.run("UPDATE runs SET state = 'running', finished_at = NULL WHERE sequence = ?1", .integer(run))
  }

  private func emit(_ events: [EventEnvelope]) throws(DriverError) -> Int {
    let table = SQLiteEvents(transaction: transaction, now: now)
    var emitted = 0
    for event in events where try table.insert(event, bytes: event.bytes) { emitted += 1 }
    return emitted
  }

  private func snapshot(of run: Int64) throws(DriverError) -> (RunSnapshot, TenantID)? {
    var stages: [StageName: StageResult] = [:]
    var elements: [StageName: [Int: StageResult]] = [:]
    let jobs = try transaction.connection.statement(
      "SELECT stage, state, output, failure, element, waiting_for FROM jobs WHERE run = ?1"
    ).rows([.integer(run)]) { row throws(DriverError) in
      let result = StageResult(
        state: JobState(rawValue: row.text(1)) ?? .failed, output: row.optionalBytes(2),
        failure: try row.optionalJSON(3).flatMap { Failure(json: $0) }, waitingFor: row.optionalText(5))
      return (stage: StageName(row.text(0)), element: Int(row.integer(4)), result: result)
    }
    for job in jobs {
      if job.element < 0 {
        stages[job.stage] = job.result
      } else {
        elements[job.stage, default: [:]][job.element] = job.result
      }
    }
    return try transaction.connection.statement(
      """
      SELECT runs.id, runs.pipeline, runs.revision, events.envelope, runs.tenant
      FROM runs JOIN events ON events.sequence = runs.event WHERE runs.sequence = ?1 AND runs.state <> 'cancelled'
      """
    ).first(.integer(run)) { row throws(DriverError) in
      let snapshot = RunSnapshot(
        id: RunID(row.text(0)), pipeline: PipelineName(row.text(1)), revision: RevisionHash(row.text(2)),
        event: row.bytes(3), stages: stages, elements: elements)
      return (snapshot, TenantID(row.text(4)))
    }
  }

  /// state, finished_at, idle, problems
  private func standing(of plan: RunPlan) -> [SQLiteValue] {
    let idle = plan.idle.map { stage, idle in
      (stage.rawValue, JSON.object(["kind": .string(idle.kind.rawValue), "reason": .string(idle.reason)]))
    }
    return [
      .text(plan.state.rawValue), plan.state == .running ? .null : .moment(now),
      idle.isEmpty ? .null : .json(.object(Dictionary(uniqueKeysWithValues: idle))),
      plan.problems.isEmpty ? .null : .json(.array(plan.problems.map { .string($0) })),
    ]
  }
}
