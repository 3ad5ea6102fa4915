import WorkerKit

/// The runs table, and what plans do to it, within one transaction.
struct SQLiteRuns {
  let transaction: SQLiteTransaction
  let now: Timestamp

  /// Creates a run with its first jobs.
  func create(_ run: NewRun, for event: EventEnvelope, sequence: Int64) throws(DriverError) -> [QueueEntry] {
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
    _ = try emit(run.plan.emits)
    let owner = JobOwner(
      run: run.id, tenant: event.tenant, pipeline: run.pipeline, revision: run.revision, context: event.logFields)
    return try insert(run.plan.jobs, for: owner)
  }

  /// Plans what follows in a run after some of its jobs were settled, and does it.
  func advance(_ run: RunID, plan: SettlePlanner) throws -> (entries: [QueueEntry], emitted: Int) {
    guard let (snapshot, tenant) = try snapshot(of: run) else { return ([], 0) }
    let next = try plan(snapshot)
    try transaction.connection.statement(
      "UPDATE runs SET state = ?2, finished_at = ?3, idle = ?4, problems = ?5 WHERE id = ?1"
    ).run([.text(run.rawValue)] + standing(of: next))
    let emitted = try emit(next.emits)
    guard !next.jobs.isEmpty else { return ([], emitted) }
    let owner = JobOwner(
      run: run, tenant: tenant, pipeline: snapshot.pipeline, revision: snapshot.revision,
      context: try EventEnvelope.restore(snapshot.event).logFields)
    return (try insert(next.jobs, for: owner), emitted)
  }

  /// Opens a run again whose dead letter is replayed.
  func reopen(_ run: String) throws(DriverError) {
    try transaction.run("UPDATE runs SET state = 'running', finished_at = NULL WHERE id = ?1", .text(run))
  }

  private struct JobOwner {
    let run: RunID
    let tenant: TenantID
    let pipeline: PipelineName
    let revision: RevisionHash
    let context: [String: String]
  }

  private func insert(_ jobs: [NewJob], for owner: JobOwner) throws(DriverError) -> [QueueEntry] {
    let table = SQLiteJobs(transaction)
    var entries: [QueueEntry] = []
    for new in jobs {
      let job = Job(
        id: new.id, run: owner.run, tenant: owner.tenant, pipeline: owner.pipeline, revision: owner.revision,
        stage: new.stage, worker: new.worker, queue: new.queue, input: new.input, context: owner.context,
        createdAt: now, standing: JobStanding(createdAt: now))
      guard try table.insert(job) else { continue }
      entries.append(QueueEntry(job: job.id, fence: job.standing.fence, queue: job.queue))
    }
    return entries
  }

  private func emit(_ events: [EventEnvelope]) throws(DriverError) -> Int {
    let table = SQLiteEvents(transaction: transaction, now: now)
    var emitted = 0
    for event in events where try table.insert(event, bytes: event.bytes) { emitted += 1 }
    return emitted
  }

  private func snapshot(of run: RunID) throws(DriverError) -> (RunSnapshot, TenantID)? {
    var stages: [StageName: StageResult] = [:]
    let jobs = try transaction.connection.statement("SELECT stage, state, output FROM jobs WHERE run = ?1")
      .rows([.text(run.rawValue)]) { row throws(DriverError) in
        (StageName(row.text(0)), JobState(rawValue: row.text(1)) ?? .failed, row.optionalBytes(2))
      }
    for (stage, state, output) in jobs { stages[stage] = StageResult(state: state, output: output) }
    return try transaction.connection.statement(
      """
      SELECT runs.pipeline, runs.revision, runs.tenant, events.envelope
      FROM runs JOIN events ON events.sequence = runs.event WHERE runs.id = ?1
      """
    ).first(.text(run.rawValue)) { row throws(DriverError) in
      let snapshot = RunSnapshot(
        id: run, pipeline: PipelineName(row.text(0)), revision: RevisionHash(row.text(1)), event: row.bytes(3),
        stages: stages)
      return (snapshot, TenantID(row.text(2)))
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
