import WorkerKit

/// The tables of windows, turns and executions, as the rules of ordering see them, within one transaction.
struct SQLiteOrderingRows: OrderingRows {
  let transaction: SQLiteTransaction
  let now: Timestamp

  func window(_ key: OrderingKey) throws(DriverError) -> CoalesceWindow? {
    let json = try transaction.connection.statement(
      "SELECT state FROM windows WHERE tenant = ?1 AND pipeline = ?2 AND stage = ?3 AND key = ?4"
    ).rows(key.values) { row throws(DriverError) in try row.optionalJSON(0) }
    return json.first.flatMap { $0 }.flatMap { CoalesceWindow(json: $0) }
  }

  func keep(_ window: CoalesceWindow, of key: OrderingKey) throws(DriverError) {
    try transaction.connection.statement(
      """
      INSERT INTO windows (tenant, pipeline, stage, key, state, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      ON CONFLICT DO UPDATE SET state = ?5, at = ?6
      """
    ).run(key.values + [.json(window.json), .moment(now)])
  }

  func head(of line: OrderingKey) throws(DriverError) -> RunID? {
    try transaction.connection.statement(
      """
      SELECT runs.id FROM turns JOIN runs ON runs.sequence = turns.run
      WHERE turns.tenant = ?1 AND turns.pipeline = ?2 AND stage = ?3 AND key = ?4 ORDER BY ticket LIMIT 1
      """
    ).rows(line.values) { row throws(DriverError) in RunID(row.text(0)) }.first
  }

  func enter(_ line: OrderingKey, run: RunID) throws(DriverError) {
    try transaction.connection.statement(
      """
      INSERT INTO turns (tenant, pipeline, stage, key, run)
      SELECT ?1, ?2, ?3, ?4, sequence FROM runs WHERE id = ?5 AND NOT EXISTS (SELECT 1 FROM turns
        WHERE tenant = ?1 AND pipeline = ?2 AND stage = ?3 AND key = ?4 AND run = runs.sequence)
      """
    ).run(line.values + [.text(run.rawValue)])
  }

  func leave(_ line: OrderingKey, run: RunID) throws(DriverError) {
    try transaction.connection.statement(
      """
      DELETE FROM turns WHERE tenant = ?1 AND pipeline = ?2 AND stage = ?3 AND key = ?4
        AND run = (SELECT sequence FROM runs WHERE id = ?5)
      """
    ).run(line.values + [.text(run.rawValue)])
  }

  /// The lines that a run has a turn in.
  func lines(of run: Int64) throws(DriverError) -> [OrderingKey] {
    try transaction.connection.statement("SELECT tenant, pipeline, stage, key FROM turns WHERE run = ?1")
      .rows([.integer(run)]) { row throws(DriverError) in
        OrderingKey(
          tenant: TenantID(row.text(0)), pipeline: PipelineName(row.text(1)), stage: StageName(row.text(2)),
          key: row.text(3))
      }
  }

  func leader(of execution: ExecutionKey) throws(DriverError) -> JobID? {
    try transaction.connection.statement(Self.leading).rows(execution.values) { row throws(DriverError) in
      JobID(row.text(0))
    }.first
  }

  func lead(_ execution: ExecutionKey, by job: JobID?) throws(DriverError) {
    guard let job else {
      return try transaction.connection.statement("DELETE FROM executions WHERE tenant = ?1 AND key = ?2")
        .run(execution.values)
    }
    guard let row = try SQLiteJobs(transaction).standing(of: job)?.row else { return }
    try transaction.connection.statement(
      """
      INSERT INTO executions (tenant, key, leader) VALUES (?1, ?2, ?3)
      ON CONFLICT DO UPDATE SET leader = excluded.leader
      """
    ).run(execution.values + [.integer(row)])
  }

  func followers(of execution: ExecutionKey) throws(DriverError) -> [JobID] {
    try transaction.connection.statement(Self.following).rows(execution.values) { row throws(DriverError) in
      JobID(row.text(0))
    }
  }

  /// Notes that a job shares an execution.
  func share(_ execution: ExecutionKey, by job: Int64) throws(DriverError) {
    try transaction.connection.statement("INSERT INTO sharers (tenant, key, job) VALUES (?1, ?2, ?3)")
      .run(execution.values + [.integer(job)])
  }

  func orderedJob(_ id: JobID) throws(DriverError) -> OrderedJob? {
    try transaction.job(id).flatMap(OrderedJob.init)
  }

  func orderedJob(of run: RunID, stage: StageName) throws(DriverError) -> OrderedJob? {
    let id = try transaction.connection.statement(Self.ofStage)
      .rows([.text(run.rawValue), .text(stage.rawValue)]) { row throws(DriverError) in JobID(row.text(0)) }.first
    guard let id else { return nil }
    return try orderedJob(id)
  }

  func keep(_ standing: JobStanding, of job: JobID, result: JobID?) throws(DriverError) {
    let jobs = try SQLiteJobs(transaction)
    guard let stored = try jobs.standing(of: job) else { return }
    if standing.state.isLive { return try jobs.update(stored.row, to: standing) }
    let other = try result.flatMap { result throws(DriverError) in try jobs.standing(of: result)?.row }
    try jobs.end(stored.row, as: standing, sharing: other)
  }

  private static let leading = SQLiteText(
    """
    SELECT \(SQLiteJobRows.id) FROM executions CROSS JOIN \(SQLiteJobRows.jobsFirst)
    WHERE executions.tenant = ?1 AND key = ?2 AND jobs.sequence = leader
    """)

  private static let following = SQLiteText(
    """
    SELECT \(SQLiteJobRows.id) FROM sharers CROSS JOIN \(SQLiteJobRows.jobsFirst)
    WHERE sharers.tenant = ?1 AND key = ?2 AND jobs.sequence = sharers.job AND ends.job IS NULL
      AND sharers.job <> coalesce((SELECT leader FROM executions WHERE tenant = ?1 AND key = ?2), 0)
    ORDER BY jobs.created_at, jobs.sequence
    """)

  private static let ofStage = SQLiteText(
    """
    SELECT \(SQLiteJobRows.id) FROM \(SQLiteJobRows.runFirst()) WHERE runs.id = ?1 AND jobs.stage = ?2
    ORDER BY jobs.sequence LIMIT 1
    """)
}

extension OrderingKey {
  /// The key as columns: tenant, pipeline, stage, key.
  var values: [SQLiteValue] {
    [.text(tenant.rawValue), .text(pipeline.rawValue), .text(stage.rawValue), .text(key)]
  }
}

extension ExecutionKey {
  fileprivate var values: [SQLiteValue] { [.text(tenant.rawValue), .text(key)] }
}

extension OrderedJob {
  /// Nil for a job that nothing orders.
  fileprivate init?(_ job: Job) {
    guard let ordering = job.ordering, ordering.orders else { return nil }
    self.init(
      id: job.id, run: job.run, tenant: job.tenant, pipeline: job.pipeline, stage: job.stage, ordering: ordering,
      standing: job.standing, failure: job.failure)
  }
}
