import WorkerKit

/// The runs table, and what plans do to it, within one transaction.
struct SQLiteRuns {
  private let transaction: SQLiteTransaction
  private let now: Timestamp
  private let insertion: SQLiteStatement
  private let change: SQLiteStatement
  private let jobs: SQLiteJobInsertion

  init(transaction: SQLiteTransaction, now: Timestamp) throws(DriverError) {
    self.transaction = transaction
    self.now = now
    insertion = try transaction.connection.statement(
      """
      INSERT INTO runs (sequence, id, tenant, pipeline, revision, created_at, state, finished_at, idle, problems)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?6, ?8, ?9)
      """)
    change = try transaction.connection.statement(
      """
      UPDATE runs SET state = ?2, finished_at = ?3, idle = ?4, problems = ?5
      WHERE sequence = ?1 AND (state <> ?2 OR idle IS NOT ?4 OR problems IS NOT ?5)
      """)
    jobs = try SQLiteJobInsertion(transaction: transaction, now: now)
  }

  /// Creates a run with its first jobs.
  func create(_ run: NewRun, ordinal: Int64, for event: EventEnvelope, sequence: Int64) throws(DriverError)
    -> [StoredEntry]
  {
    let row = SQLiteNumbers.firstRun(of: sequence) + ordinal
    insertion.bind(1, row)
    insertion.bind(2, run.id.rawValue)
    insertion.bind(3, event.tenant.rawValue)
    insertion.bind(4, run.pipeline.rawValue)
    insertion.bind(5, run.revision.rawValue)
    insertion.bind(6, now)
    insertion.bind(7, SQLiteRunRows.number(of: run.plan.state))
    insertion.bind(8, Self.idle(run.plan))
    insertion.bind(9, Self.problems(run.plan))
    try insertion.execute()
    _ = try emit(run.plan.emits)
    return try jobs.insert(run.plan.jobs, into: row, run.id, after: [], context: Self.context(of: event))
  }

  /// Plans what follows in a run after some of its jobs were settled, and does it.
  func advance(_ run: EndedRun, plan: SettlePlanner) throws -> (entries: [StoredEntry], emitted: Int) {
    let stages = try run.stages ?? stages(of: run.run.row)
    let reader = EventReader(transaction: transaction, event: SQLiteNumbers.event(of: run.run.row))
    let next = try plan(
      RunSnapshot(
        id: run.run.id, pipeline: run.run.pipeline, revision: run.run.revision, stages: stages,
        readingEvent: { () throws(DriverError) in try reader.read() }))
    change.bind(1, run.run.row)
    change.bind(2, SQLiteRunRows.number(of: next.state))
    change.bind(3, now)
    change.bind(4, Self.idle(next))
    change.bind(5, Self.problems(next))
    try change.execute()
    let emitted = try emit(next.emits)
    guard !next.jobs.isEmpty else { return ([], emitted) }
    let context = Self.context(of: try EventEnvelope.restore(reader.read()))
    let entries = try jobs.insert(
      next.jobs, into: run.run.row, run.run.id, after: Set(stages.keys), context: context)
    return (entries, emitted)
  }

  /// Opens a run again whose dead letter is replayed.
  func reopen(_ run: Int64) throws(DriverError) {
    try transaction.run("UPDATE runs SET state = 0 WHERE sequence = ?1", .integer(run))
  }

  private func emit(_ events: [EventEnvelope]) throws(DriverError) -> Int {
    guard !events.isEmpty else { return 0 }
    var table = try SQLiteEvents(transaction: transaction, now: now)
    var emitted = 0
    for event in events where try table.insert(event, bytes: event.bytes) { emitted += 1 }
    return emitted
  }

  private func stages(of run: Int64) throws(DriverError) -> [StageName: StageResult] {
    let first = SQLiteNumbers.firstJob(of: run)
    let jobs = try transaction.connection.statement(
      """
      SELECT stage, coalesce(ends.state, jobs.state), output
      FROM jobs LEFT JOIN ends ON ends.job = jobs.sequence WHERE jobs.sequence BETWEEN ?1 AND ?2
      """
    ).rows([.integer(first), .integer(first + SQLiteNumbers.jobsOfRun - 1)]) { row throws(DriverError) in
      (StageName(row.text(0)), JobState(rawValue: row.text(1)) ?? .failed, row.optionalBytes(2))
    }
    var stages: [StageName: StageResult] = [:]
    for (stage, state, output) in jobs { stages[stage] = StageResult(state: state, output: output) }
    return stages
  }

  private static func context(of event: EventEnvelope) -> [UInt8]? {
    let fields = event.logFields
    return fields.isEmpty ? nil : JSON.object(fields.mapValues { .string($0) }).bytes()
  }

  private static func idle(_ plan: RunPlan) -> [UInt8]? {
    guard !plan.idle.isEmpty else { return nil }
    let idle = plan.idle.map { stage, idle in
      (stage.rawValue, JSON.object(["kind": .string(idle.kind.rawValue), "reason": .string(idle.reason)]))
    }
    return JSON.object(Dictionary(uniqueKeysWithValues: idle)).bytes()
  }

  private static func problems(_ plan: RunPlan) -> [UInt8]? {
    plan.problems.isEmpty ? nil : JSON.array(plan.problems.map { .string($0) }).bytes()
  }
}

/// A run in which a job has ended.
struct EndedRun {
  let run: StoredRun
  /// Its jobs, where all of them are known without asking.
  let stages: [StageName: StageResult]?
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
