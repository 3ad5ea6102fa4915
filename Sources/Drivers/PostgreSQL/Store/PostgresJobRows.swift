import WorkerKit

/// Reads whole jobs.
enum PostgresJobRows {
  /// The columns of `live` and of `jobs` that `job` reads.
  static let liveColumns = "\(StoredJob.liveColumns), j.input, j.unresolved, j.context, NULL::bytea, NULL::bytea"
  static let endedColumns = "\(StoredJob.endedColumns), j.input, j.unresolved, j.context, j.output, j.artifacts"

  static let live = "live j JOIN kinds k ON k.id = j.kind"
  static let ended = "jobs j JOIN kinds k ON k.id = j.kind"

  static func job(_ row: PostgresRow) throws(DriverError) -> Job { try job(row, StoredJob(row)) }

  /// The same, of which a part was read before.
  static func job(_ row: PostgresRow, _ stored: StoredJob) throws(DriverError) -> Job {
    let first = 25
    let input: JobInput =
      row.optionalBytes(first + 1).map { .unresolved(reference: String(decoding: $0, as: UTF8.self)) }
      ?? .resolved(row.bytes(first))
    var artifacts: [Artifact] = []
    if case .array(let items)? = try row.optionalJSON(first + 4) { artifacts = items.compactMap { Artifact(json: $0) } }
    var job = Job(
      id: stored.id, run: stored.run.id, tenant: stored.run.tenant, pipeline: stored.kind.pipeline,
      revision: stored.kind.revision, stage: stored.kind.stage, worker: stored.kind.worker, queue: stored.kind.queue,
      input: input, context: try row.texts(first + 2), createdAt: stored.createdAt, standing: stored.standing,
      output: row.optionalBytes(first + 3), artifacts: artifacts, failure: stored.failure)
    (job.index, job.priority, job.lease) = (stored.element, stored.kind.priority, stored.kind.lease)
    job.ordering = stored.ordering
    return job
  }
}

extension OrderedJob {
  /// Nil for a job that nothing orders.
  init?(_ job: StoredJob) {
    guard let ordering = job.ordering, ordering.orders else { return nil }
    self.init(
      id: job.id, run: job.run.id, tenant: job.run.tenant, pipeline: job.kind.pipeline, stage: job.kind.stage,
      ordering: ordering, standing: job.standing, failure: job.failure)
  }
}
