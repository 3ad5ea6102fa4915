import WorkerKit

/// Reads whole jobs and attempts.
enum SQLiteJobRows {
  /// The parts of a standing: a job that has ended stands as `ends` says, and its own row as it was before.
  static let standing = """
    coalesce(ends.state, jobs.state), jobs.fence, CASE WHEN ends.job IS NULL THEN jobs.holder ELSE ends.holder END,
    coalesce(ends.attempts, jobs.attempts), jobs.losses, jobs.due_at,
    CASE WHEN ends.job IS NULL THEN jobs.started_at ELSE ends.started_at END, ends.finished_at,
    CASE WHEN ends.job IS NULL THEN jobs.waiting_for ELSE ends.reason END
    """
  /// A job's id, for the world outside.
  static let id = "coalesce(jobs.name, runs.id || '-' || jobs.stage || coalesce('.' || jobs.element, ''))"

  private static let columns = """
    \(id), runs.id, tenant, pipeline, revision, stage, worker, queue, input, unresolved, context, jobs.created_at,
    \(standing), output, artifacts, CASE WHEN ends.job IS NULL THEN jobs.failure ELSE ends.failure END,
    jobs.element, \(SQLiteJobPolicy.columns)
    """
  /// Tables in the order in which they are to be read.
  static let jobsFirst = """
    jobs CROSS JOIN runs ON runs.sequence = jobs.sequence / \(RowNumbers.jobsOfRun)
    LEFT JOIN ends ON ends.job = jobs.sequence
    """
  private static let deadFirst = """
    ends CROSS JOIN jobs ON jobs.sequence = ends.job
    CROSS JOIN runs ON runs.sequence = jobs.sequence / \(RowNumbers.jobsOfRun)
    """
  /// A run's jobs, or as many of them as `count` says.
  static func runFirst(_ count: Int64 = RowNumbers.jobsOfRun) -> String {
    let first = "runs.sequence * \(RowNumbers.jobsOfRun)"
    return """
      runs CROSS JOIN jobs ON jobs.sequence BETWEEN \(first) AND \(first) + \(count - 1)
      LEFT JOIN ends ON ends.job = jobs.sequence
      """
  }
  /// The job of the run ?1 at the place ?2, where its id needs no index; and the one with the name ?1.
  static let derived = """
    \(runFirst(RowNumbers.jobsBesideRun)) WHERE runs.id = ?1 AND jobs.name IS NULL
      AND (jobs.stage = ?2 AND jobs.element IS NULL OR jobs.stage || '.' || jobs.element = ?2)
    """
  static let named = "\(jobsFirst) WHERE jobs.name = ?1"

  static let derivedJob = SQLiteText("SELECT \(columns) FROM \(derived)")
  static let namedJob = SQLiteText("SELECT \(columns) FROM \(named)")
  static let jobsOfRun = SQLiteText("SELECT \(columns) FROM \(runFirst()) WHERE runs.id = ?1 ORDER BY jobs.sequence")

  /// Jobs by other conditions, newest first; `dead` where only dead letters fulfil them, of which there is an index.
  static func page(_ conditions: [String], dead: Bool, limit: Int) -> String {
    let tables = dead ? deadFirst : jobsFirst
    let all = conditions + (dead ? ["ends.state IN ('FAILED', 'TIMED_OUT')"] : [])
    let condition = all.isEmpty ? "" : " WHERE \(all.joined(separator: " AND "))"
    let order = dead ? "ends.job" : "jobs.sequence"
    return "SELECT \(columns) FROM \(tables)\(condition) ORDER BY \(order) DESC LIMIT \(limit)"
  }

  static func job(_ row: SQLiteRow) throws(DriverError) -> Job {
    let input: JobInput = row.optionalText(9).map { .unresolved(reference: $0) } ?? .resolved(row.bytes(8))
    var artifacts: [Artifact] = []
    if case .array(let items)? = try row.optionalJSON(22) { artifacts = items.compactMap { Artifact(json: $0) } }
    var job = Job(
      id: JobID(row.text(0)), run: RunID(row.text(1)), tenant: TenantID(row.text(2)),
      pipeline: PipelineName(row.text(3)), revision: RevisionHash(row.text(4)), stage: StageName(row.text(5)),
      worker: WorkerName(row.text(6)), queue: QueueName(row.text(7)), input: input, context: try row.texts(10),
      createdAt: Timestamp(milliseconds: row.integer(11)), standing: try SQLiteJobs.standing(row, from: 12),
      output: row.optionalBytes(21), artifacts: artifacts,
      failure: try row.optionalJSON(23).flatMap { Failure(json: $0) })
    job.index = row.optionalInteger(24).map { Int($0) }
    let policy = try SQLiteJobPolicy(row, from: 25)
    (job.priority, job.lease, job.ordering) = (policy.priority, policy.lease, policy.ordering)
    return job
  }

  static func attempt(_ row: SQLiteRow) throws(DriverError) -> AttemptRecord {
    AttemptRecord(
      job: JobID(row.text(0)), fence: Fence(rawValue: row.integer(1)), attempt: Int(row.integer(2)),
      holder: row.optionalText(3).map { Holder($0) }, host: row.optionalText(4).map { HostID($0) },
      startedAt: row.optionalInteger(5).map { Timestamp(milliseconds: $0) },
      finishedAt: Timestamp(milliseconds: row.integer(6)), outcome: row.text(7),
      failure: try row.optionalJSON(8).flatMap { Failure(json: $0) })
  }
}
