public import WorkerKit

extension SQLiteStore {
  public func events(id: EventID, tenant: TenantID?) async throws(DriverError) -> [EventRecord] {
    try await database.read { transaction in
      try transaction.connection.statement(
        """
        SELECT sequence, envelope, recorded_at, routed_at FROM events
        WHERE id = ?1 AND (?2 IS NULL OR tenant = ?2) ORDER BY sequence DESC LIMIT 100
        """
      ).rows([.text(id.rawValue), .optional(tenant?.rawValue)]) { row throws(DriverError) in
        EventRecord(
          sequence: row.integer(0), envelope: try EventEnvelope.restore(row.bytes(1)),
          recordedAt: Timestamp(milliseconds: row.integer(2)),
          routedAt: row.optionalInteger(3).map { Timestamp(milliseconds: $0) })
      }
    }
  }

  public func run(_ id: RunID) async throws(DriverError) -> RunRecord? {
    try await database.read { transaction in
      try transaction.connection.statement(
        """
        SELECT runs.id, events.id, runs.tenant, pipeline, revision, created_at, state, finished_at, idle, problems,
          replay
        FROM runs JOIN events ON events.sequence = runs.event WHERE runs.id = ?1
        """
      ).first(.text(id.rawValue), read: SQLiteJobRows.run)
    }
  }

  public func runs(of event: EventRecord) async throws(DriverError) -> [RunRecord] {
    try await database.read { transaction in
      try transaction.connection.statement(
        """
        SELECT runs.id, events.id, runs.tenant, pipeline, revision, created_at, state, finished_at, idle, problems,
          replay
        FROM runs JOIN events ON events.sequence = runs.event WHERE runs.event = ?1 ORDER BY runs.sequence
        """
      ).rows([.integer(event.sequence)], SQLiteJobRows.run)
    }
  }

  public func job(_ id: JobID) async throws(DriverError) -> Job? {
    try await database.read { transaction in
      guard var job = try transaction.job(id) else { return nil }
      job.progress = try SQLiteJobs(transaction).standing(of: id).flatMap { try transaction.progress(of: $0.row) }
      return job
    }
  }

  public func jobs(of run: RunID) async throws(DriverError) -> [Job] {
    try await database.read { transaction in
      try transaction.connection.prepare(
        "SELECT \(SQLiteJobRows.columns) FROM \(SQLiteJobRows.tables) WHERE runs.id = ?1 ORDER BY jobs.sequence"
      ).rows([.text(run.rawValue)], SQLiteJobRows.job)
    }
  }

  public func jobs(_ filter: JobFilter) async throws(DriverError) -> [Job] {
    let (conditions, values) = Self.conditions(filter)
    let sql = """
      SELECT \(SQLiteJobRows.columns) FROM \(SQLiteJobRows.tables)\(conditions)
      ORDER BY jobs.sequence DESC LIMIT \(filter.limit)
      """
    return try await database.read { transaction in
      try transaction.connection.prepare(sql).rows(values, SQLiteJobRows.job)
    }
  }

  public func attempts(of job: JobID) async throws(DriverError) -> [AttemptRecord] {
    try await database.read { transaction in
      try transaction.connection.statement(
        """
        SELECT id, attempts.fence, attempt, attempts.holder, attempts.host, attempts.started_at, attempts.finished_at,
          outcome, attempts.failure FROM attempts JOIN jobs ON jobs.sequence = attempts.job WHERE id = ?1
        UNION ALL
        SELECT id, fence, attempts, holder, host, started_at, finished_at, lower(state), failure FROM jobs
        WHERE id = ?1 AND finished_at IS NOT NULL
        ORDER BY 2
        """
      ).rows([.text(job.rawValue)], SQLiteJobRows.attempt)
    }
  }

  public func deadLetterCount() async throws(DriverError) -> Int {
    try await count("SELECT count(*) FROM jobs WHERE state IN ('FAILED', 'TIMED_OUT')")
  }

  public func unroutedCount() async throws(DriverError) -> Int {
    try await count("SELECT count(*) FROM events WHERE routed_at IS NULL")
  }

  private func count(_ sql: StaticString) async throws(DriverError) -> Int {
    try await database.read { transaction in
      try transaction.connection.statement(sql).first { row throws(DriverError) in Int(row.integer(0)) } ?? 0
    }
  }

  private static func conditions(_ filter: JobFilter) -> (sql: String, values: [SQLiteValue]) {
    var parts: [String] = []
    var values: [SQLiteValue] = []
    func require(_ condition: String, _ value: String?) {
      guard let value else { return }
      values.append(.text(value))
      parts.append("\(condition) ?\(values.count)")
    }
    // Words of an enumeration, not values from outside; written out so that the partial index on dead letters is used.
    let states = filter.states.map { "'\($0.rawValue)'" }.sorted()
    if !states.isEmpty { parts.append("jobs.state IN (\(states.joined(separator: ", ")))") }
    require("tenant =", filter.tenant?.rawValue)
    require("pipeline =", filter.pipeline?.rawValue)
    require("stage =", filter.stage?.rawValue)
    require("worker =", filter.worker?.rawValue)
    require("worker =", filter.fingerprint?.worker.rawValue)
    require("json_extract(CAST(failure AS TEXT), '$.cause') =", filter.fingerprint?.cause)
    for (condition, moment) in [("jobs.finished_at >=", filter.endedFrom), ("jobs.finished_at <", filter.endedBefore)] {
      guard let moment else { continue }
      values.append(.moment(moment))
      parts.append("\(condition) ?\(values.count)")
    }
    if let before = filter.before {
      values.append(.text(before.rawValue))
      parts.append("jobs.sequence < (SELECT sequence FROM jobs WHERE id = ?\(values.count))")
    }
    return (parts.isEmpty ? "" : " WHERE \(parts.joined(separator: " AND "))", values)
  }
}

extension SQLiteTransaction {
  /// One whole job.
  func job(_ id: JobID) throws(DriverError) -> Job? {
    try connection.statement(
      """
      SELECT jobs.id, runs.id, tenant, pipeline, revision, stage, worker, queue, input, unresolved, context,
        jobs.created_at, jobs.state, fence, holder, attempts, losses, due_at, started_at, jobs.finished_at, waiting_for,
        output, artifacts, failure, element, policy
      FROM jobs JOIN runs ON runs.sequence = jobs.run WHERE jobs.id = ?1
      """
    ).first(.text(id.rawValue), read: SQLiteJobRows.job)
  }
}
