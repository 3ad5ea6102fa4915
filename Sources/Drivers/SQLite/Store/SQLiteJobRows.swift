import WorkerKit

/// Reads whole jobs, attempts and runs.
enum SQLiteJobRows {
  /// The columns that `job(_:)` reads, in its order, and the tables they are in.
  static let columns = """
    jobs.id, runs.id, tenant, pipeline, revision, stage, worker, queue, input, unresolved, context, jobs.created_at,
    jobs.state, fence, holder, attempts, losses, due_at, started_at, jobs.finished_at, waiting_for, output, artifacts,
    failure, element, policy
    """
  static let tables = "jobs JOIN runs ON runs.sequence = jobs.run"

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
    if row.integer(24) >= 0 { job.index = Int(row.integer(24)) }
    let policy = SQLiteJobPolicy(try row.optionalJSON(25))
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

  /// Reads `runs.id, events.id, runs.tenant, pipeline, revision, created_at, state, finished_at, idle, problems,
  /// replay`.
  static func run(_ row: SQLiteRow) throws(DriverError) -> RunRecord {
    RunRecord(
      id: RunID(row.text(0)), event: EventID(row.text(1)), tenant: TenantID(row.text(2)),
      pipeline: PipelineName(row.text(3)), revision: RevisionHash(row.text(4)),
      createdAt: Timestamp(milliseconds: row.integer(5)), standing: try standing(row, from: 6),
      replay: row.optionalText(10).map { ReplayID($0) })
  }

  private static func standing(_ row: SQLiteRow, from column: Int32) throws(DriverError) -> RunStanding {
    var standing = RunStanding(
      state: RunStanding.State(rawValue: row.text(column)) ?? .running,
      finishedAt: row.optionalInteger(column + 1).map { Timestamp(milliseconds: $0) })
    if case .object(let idle)? = try row.optionalJSON(column + 2) {
      for (stage, value) in idle {
        guard case .string(let word)? = value["kind"], let kind = IdleStage.Kind(rawValue: word),
          case .string(let reason)? = value["reason"]
        else { continue }
        standing.idle[StageName(stage)] = IdleStage(kind, reason: reason)
      }
    }
    if case .array(let problems)? = try row.optionalJSON(column + 3) {
      standing.problems = problems.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }
    return standing
  }
}
