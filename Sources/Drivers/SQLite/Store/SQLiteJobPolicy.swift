import WorkerKit

/// What a job's stage asks for beside its work: how it is queued, and what orders it among others.
struct SQLiteJobPolicy {
  let priority: Priority
  let lease: Duration?
  let ordering: JobOrdering?

  /// The columns that `init(_:from:)` reads.
  static let columns = "jobs.priority, jobs.lease, jobs.ordering"

  /// Reads the three columns from the one that is named.
  init(_ row: SQLiteRow, from column: Int32) throws(DriverError) {
    priority = Priority(rank: Int(row.integer(column)))
    lease = row.optionalInteger(column + 1).map { .milliseconds($0) }
    ordering = try row.optionalJSON(column + 2).flatMap { JobOrdering(json: $0) }
  }

  /// The columns that `lane(_:from:)` reads.
  static let laneColumns = "runs.tenant, runs.pipeline, jobs.stage"

  /// The lane of the job, whose tenant, pipeline and stage are in the three columns from the one that is named.
  func lane(_ row: SQLiteRow, from column: Int32) -> Lane {
    Lane(
      tenant: TenantID(row.text(column)), pipeline: PipelineName(row.text(column + 1)),
      stage: StageName(row.text(column + 2)), flow: ordering?.flow)
  }
}
