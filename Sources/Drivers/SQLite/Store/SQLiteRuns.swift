import WorkerKit

/// The runs table, and what plans do to it, within one transaction.
struct SQLiteRuns {
  let transaction: SQLiteTransaction
  let now: Timestamp

  /// Creates a run with its first jobs.
  func create(_ run: NewRun, for event: EventEnvelope, sequence: Int64) throws(DriverError) -> [StoredEntry] {
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
    _ = try emit(run.plan.emits)
    return try insert(run.plan.jobs, run: row, context: event.logFields)
  }

  /// Plans what follows in a run after some of its jobs were settled, and does it.
  func advance(_ run: Int64, plan: SettlePlanner) throws -> (entries: [StoredEntry], emitted: Int) {
    guard let snapshot = try snapshot(of: run) else { return ([], 0) }
    let next = try plan(snapshot)
    try transaction.connection.statement(
      "UPDATE runs SET state = ?2, finished_at = ?3, idle = ?4, problems = ?5 WHERE sequence = ?1"
    ).run([.integer(run)] + standing(of: next))
    let emitted = try emit(next.emits)
    guard !next.jobs.isEmpty else { return ([], emitted) }
    let context = try EventEnvelope.restore(snapshot.event).logFields
    return (try insert(next.jobs, run: run, context: context), emitted)
  }

  /// Opens a run again whose dead letter is replayed.
  func reopen(_ run: Int64) throws(DriverError) {
    try transaction.run("UPDATE runs SET state = 'running', finished_at = NULL WHERE sequence = ?1", .integer(run))
  }

  private func insert(_ jobs: [NewJob], run: Int64, context: [String: String]) throws(DriverError) -> [StoredEntry] {
    let fields: SQLiteValue = context.isEmpty ? .null : .json(.object(context.mapValues { .string($0) }))
    var entries: [StoredEntry] = []
    for job in jobs {
      guard let entry = try SQLiteJobs(transaction).insert(job, run: run, context: fields, at: now) else { continue }
      entries.append(entry)
    }
    return entries
  }

  private func emit(_ events: [EventEnvelope]) throws(DriverError) -> Int {
    let table = SQLiteEvents(transaction: transaction, now: now)
    var emitted = 0
    for event in events where try table.insert(event, bytes: event.bytes) { emitted += 1 }
    return emitted
  }

  private func snapshot(of run: Int64) throws(DriverError) -> RunSnapshot? {
    var stages: [StageName: StageResult] = [:]
    let jobs = try transaction.connection.statement("SELECT stage, state, output FROM jobs WHERE run = ?1")
      .rows([.integer(run)]) { row throws(DriverError) in
        (StageName(row.text(0)), JobState(rawValue: row.text(1)) ?? .failed, row.optionalBytes(2))
      }
    for (stage, state, output) in jobs { stages[stage] = StageResult(state: state, output: output) }
    return try transaction.connection.statement(
      """
      SELECT runs.id, runs.pipeline, runs.revision, events.envelope
      FROM runs JOIN events ON events.sequence = runs.event WHERE runs.sequence = ?1
      """
    ).first(.integer(run)) { row throws(DriverError) in
      RunSnapshot(
        id: RunID(row.text(0)), pipeline: PipelineName(row.text(1)), revision: RevisionHash(row.text(2)),
        event: row.bytes(3), stages: stages)
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
