import WorkerKit

/// The tables of windows, turns and executions, as the rules of ordering see them, within one transaction.
struct PostgresOrderingRows: OrderingRows {
  let transaction: PostgresTransaction
  let now: Timestamp
  /// What is held; nil for one who only looks.
  let locks: PostgresKeyLocks?

  func window(_ key: OrderingKey) throws(DriverError) -> CoalesceWindow? {
    try hold(PostgresKeyLocks.place(of: key))
    let rows = try transaction.rows(
      "SELECT state FROM windows WHERE tenant = $1 AND pipeline = $2 AND stage = $3 AND key = $4", key.values)
    return try rows.first?.optionalJSON(0).flatMap { CoalesceWindow(json: $0) }
  }

  func keep(_ window: CoalesceWindow, of key: OrderingKey) throws(DriverError) {
    try transaction.run(
      """
      INSERT INTO windows (tenant, pipeline, stage, key, state, at) VALUES ($1, $2, $3, $4, $5, $6)
      ON CONFLICT (tenant, pipeline, stage, key) DO UPDATE SET state = excluded.state, at = excluded.at
      """, key.values + [.json(window.json), .moment(now)])
  }

  func head(of line: OrderingKey) throws(DriverError) -> RunID? {
    try hold(PostgresKeyLocks.place(of: line))
    return try transaction.rows(
      """
      SELECT run FROM turns WHERE tenant = $1 AND pipeline = $2 AND stage = $3 AND key = $4 ORDER BY ticket LIMIT 1
      """, line.values
    ).first.map { RunID($0.text(0)) }
  }

  func enter(_ line: OrderingKey, run: RunID) throws(DriverError) {
    try hold(PostgresKeyLocks.place(of: line))
    try transaction.run(
      """
      INSERT INTO turns (tenant, pipeline, stage, key, run) SELECT $1, $2, $3, $4, $5
      WHERE NOT EXISTS (
        SELECT 1 FROM turns WHERE tenant = $1 AND pipeline = $2 AND stage = $3 AND key = $4 AND run = $5)
      """, line.values + [.text(run.rawValue)])
  }

  func leave(_ line: OrderingKey, run: RunID) throws(DriverError) {
    try hold(PostgresKeyLocks.place(of: line))
    try transaction.run(
      "DELETE FROM turns WHERE tenant = $1 AND pipeline = $2 AND stage = $3 AND key = $4 AND run = $5",
      line.values + [.text(run.rawValue)])
  }

  /// The lines that a run has a turn in.
  func lines(of run: RunID) throws(DriverError) -> [OrderingKey] {
    try transaction.rows(
      "SELECT tenant, pipeline, stage, key FROM turns WHERE run = $1 ORDER BY ticket", [.text(run.rawValue)]
    ).map { row throws(DriverError) in
      OrderingKey(
        tenant: TenantID(row.text(0)), pipeline: PipelineName(row.text(1)), stage: StageName(row.text(2)),
        key: row.text(3))
    }
  }

  func leader(of execution: ExecutionKey) throws(DriverError) -> JobID? {
    try hold(PostgresKeyLocks.place(of: execution))
    return try transaction.rows(Self.leading, execution.values).first.map { JobID($0.text(0)) }
  }

  func lead(_ execution: ExecutionKey, by job: JobID?) throws(DriverError) {
    try hold(PostgresKeyLocks.place(of: execution))
    guard let job else {
      try transaction.run("DELETE FROM executions WHERE tenant = $1 AND key = $2", execution.values)
      return
    }
    guard let number = try PostgresJobs(transaction).find(job)?.number else { return }
    try transaction.run(
      """
      INSERT INTO executions (tenant, key, leader) VALUES ($1, $2, $3)
      ON CONFLICT (tenant, key) DO UPDATE SET leader = excluded.leader
      """, execution.values + [.integer(number)])
  }

  func followers(of execution: ExecutionKey) throws(DriverError) -> [JobID] {
    try transaction.rows(Self.following, execution.values).map { row throws(DriverError) in JobID(row.text(0)) }
  }

  /// Notes that a job shares an execution.
  func share(_ execution: ExecutionKey, by job: Int64) throws(DriverError) {
    try hold(PostgresKeyLocks.place(of: execution))
    try transaction.run(
      "INSERT INTO sharers (tenant, key, job) VALUES ($1, $2, $3)", execution.values + [.integer(job)])
  }

  /// A job, once all that orders it is held: what orders a job never changes.
  func orderedJob(_ id: JobID) throws(DriverError) -> OrderedJob? {
    let jobs = PostgresJobs(transaction)
    guard let locks else { return try jobs.find(id).flatMap(OrderedJob.init) }
    guard let seen = try jobs.find(id).flatMap(OrderedJob.init) else { return nil }
    try locks.hold(PostgresKeyLocks.places(of: seen), transaction)
    return try jobs.find(id, locking: true).flatMap(OrderedJob.init)
  }

  func orderedJob(of run: RunID, stage: StageName) throws(DriverError) -> OrderedJob? {
    guard let stored = try PostgresRuns(transaction).find([run])[run] else { return nil }
    let first = RowNumbers.firstJob(of: stored.number)
    let id = try transaction.rows(
      Self.ofStage, [.integer(first), .integer(first + RowNumbers.jobsOfRun), .text(stage.rawValue)]
    ).first.map { JobID($0.text(0)) }
    return try id.flatMap { id throws(DriverError) in try orderedJob(id) }
  }

  func keep(_ standing: JobStanding, of job: JobID, result: JobID?) throws(DriverError) {
    let jobs = PostgresJobs(transaction)
    let standings = PostgresStandings(transaction)
    guard let stored = try jobs.live([job], locking: true)[job] else { return }
    if standing.state.isLive { return try standings.update(stored.number, to: standing) }
    let other = try result.flatMap { result throws(DriverError) in try jobs.find(result)?.number }
    try standings.end(stored.number, as: standing, sharing: other)
  }

  private func hold(_ place: Int64) throws(DriverError) { try locks?.hold([place], transaction) }

  private static let leading = """
    SELECT id FROM (
      SELECT l.id FROM executions e JOIN live l ON l.number = e.leader WHERE e.tenant = $1 AND e.key = $2
      UNION ALL
      SELECT j.id FROM executions e JOIN jobs j ON j.number = e.leader WHERE e.tenant = $1 AND e.key = $2
    ) AS leaders
    """

  private static let following = """
    SELECT l.id FROM sharers s JOIN live l ON l.number = s.job
    WHERE s.tenant = $1 AND s.key = $2
      AND s.job <> coalesce((SELECT leader FROM executions WHERE tenant = $1 AND key = $2), 0)
    ORDER BY l.created_at, l.number
    """

  private static let ofStage = """
    SELECT j.id FROM (
      SELECT number, id, kind FROM live WHERE number >= $1 AND number < $2
      UNION ALL
      SELECT number, id, kind FROM jobs WHERE number >= $1 AND number < $2
    ) j JOIN kinds k ON k.id = j.kind WHERE k.stage = $3 ORDER BY j.number LIMIT 1
    """
}

extension OrderingKey {
  /// The key as columns: tenant, pipeline, stage, key.
  var values: [PostgresValue] {
    [.text(tenant.rawValue), .text(pipeline.rawValue), .text(stage.rawValue), .text(key)]
  }
}

extension ExecutionKey {
  fileprivate var values: [PostgresValue] { [.text(tenant.rawValue), .text(key)] }
}
