public import WorkerKit

extension SQLiteStore {
  public func events(id: EventID, tenant: TenantID?) async throws(DriverError) -> [EventRecord] {
    try await database.read { transaction in
      try transaction.connection.statement(Self.eventsByID).rows([.text(id.rawValue), .optional(tenant?.rawValue)]) {
        row throws(DriverError) in
        EventRecord(
          sequence: row.integer(0), envelope: try EventEnvelope.restore(row.bytes(1)),
          recordedAt: Timestamp(milliseconds: row.integer(2)),
          routedAt: row.optionalInteger(3).map { Timestamp(milliseconds: $0) })
      }
    }
  }

  public func run(_ id: RunID) async throws(DriverError) -> RunRecord? {
    try await database.read { transaction in
      let statement = try transaction.connection.statement(SQLiteRunRows.one)
      statement.bind(1, id.rawValue)
      return try statement.one(SQLiteRunRows.run)
    }
  }

  public func runs(of event: EventRecord) async throws(DriverError) -> [RunRecord] {
    try await database.read { transaction in
      let statement = try transaction.connection.statement(SQLiteRunRows.range)
      let first = RowNumbers.firstRun(of: event.sequence)
      statement.bind(1, first)
      statement.bind(2, first + RowNumbers.runsOfEvent - 1)
      return try statement.all(SQLiteRunRows.run)
    }
  }

  public func job(_ id: JobID) async throws(DriverError) -> Job? {
    try await database.read { transaction in
      guard var job = try transaction.job(id) else { return nil }
      job.progress = try SQLiteJobs(transaction).standing(of: id).flatMap { stored throws(DriverError) in
        try transaction.progress(of: stored.row)
      }
      return job
    }
  }

  public func jobs(of run: RunID) async throws(DriverError) -> [Job] {
    try await database.read { transaction in
      let statement = try transaction.connection.statement(SQLiteJobRows.jobsOfRun)
      statement.bind(1, run.rawValue)
      return try statement.all(SQLiteJobRows.job)
    }
  }

  public func find(_ filter: JobFilter) async throws(DriverError) -> FoundJobs {
    try await database.read { transaction in
      let before = try filter.before.map { before throws(DriverError) in
        try SQLiteJobs(transaction).standing(of: before)?.row ?? 0
      }
      let (conditions, values) = Self.conditions(filter, before: before)
      let isDead = !filter.states.isEmpty && filter.states.allSatisfy { $0 == .failed || $0 == .timedOut }
      let sql = SQLiteJobRows.page(conditions, dead: isDead, limit: filter.limit)
      let jobs = try transaction.connection.prepare(sql).rows(values, SQLiteJobRows.job)
      return FoundJobs(jobs: jobs, next: jobs.count == filter.limit ? jobs.last?.id : nil)
    }
  }

  public func attempts(of job: JobID) async throws(DriverError) -> [AttemptRecord] {
    try await database.read { transaction in
      guard let row = try SQLiteJobs(transaction).standing(of: job)?.row else { return [] }
      return try transaction.connection.statement(
        """
        SELECT ?2, fence, attempt, holder, host, started_at, finished_at, outcome, failure FROM attempts WHERE job = ?1
        UNION ALL
        SELECT ?2, fence, ends.attempts, ends.holder, ends.host, ends.started_at, finished_at, lower(ends.state),
          ends.failure
        FROM ends JOIN jobs ON sequence = job WHERE job = ?1
        ORDER BY 2
        """
      ).rows([.integer(row), .text(job.rawValue)], SQLiteJobRows.attempt)
    }
  }

  public func deadLetterCount() async throws(DriverError) -> Int {
    try await database.read { transaction in
      try transaction.connection.statement("SELECT count(*) FROM ends WHERE state IN ('FAILED', 'TIMED_OUT')")
        .one { row throws(DriverError) in Int(row.integer(0)) } ?? 0
    }
  }

  public func unroutedCount() async throws(DriverError) -> Int {
    try await database.read { transaction in try SQLiteRouting.count(transaction) }
  }

  private static func conditions(_ filter: JobFilter, before: Int64?) -> (sql: [String], values: [SQLiteValue]) {
    var parts: [String] = []
    var values: [SQLiteValue] = []
    func require(_ condition: String, _ value: String?) {
      guard let value else { return }
      values.append(.text(value))
      parts.append("\(condition) ?\(values.count)")
    }
    // Words of an enumeration, not values from outside.
    let states = filter.states.map { "'\($0.rawValue)'" }.sorted()
    if !states.isEmpty { parts.append("coalesce(ends.state, jobs.state) IN (\(states.joined(separator: ", ")))") }
    require("tenant =", filter.tenant?.rawValue)
    require("pipeline =", filter.pipeline?.rawValue)
    require("stage =", filter.stage?.rawValue)
    require("worker =", filter.worker?.rawValue)
    require("worker =", filter.fingerprint?.worker.rawValue)
    // A job that is to be tried again has its last failure too.
    let failure = "CASE WHEN ends.job IS NULL THEN jobs.failure ELSE ends.failure END"
    require("json_extract(CAST(\(failure) AS TEXT), '$.cause') =", filter.fingerprint?.cause)
    for (condition, moment) in [("ends.finished_at >=", filter.endedFrom), ("ends.finished_at <", filter.endedBefore)] {
      guard let moment else { continue }
      values.append(.moment(moment))
      parts.append("\(condition) ?\(values.count)")
    }
    if let before { parts.append("jobs.sequence < \(before)") }
    return (parts, values)
  }

  private static let eventsByID = SQLiteText(
    """
    SELECT events.sequence, envelope, recorded_at, \(SQLiteRouting.moment) FROM \(SQLiteRouting.tables)
    WHERE id = ?1 AND (?2 IS NULL OR tenant = ?2) ORDER BY events.sequence DESC LIMIT 100
    """)
}

extension SQLiteTransaction {
  /// One whole job.
  func job(_ id: JobID) throws(DriverError) -> Job? {
    try SQLiteJobs.find(
      id, connection.statement(SQLiteJobRows.derivedJob), connection.statement(SQLiteJobRows.namedJob),
      SQLiteJobRows.job)
  }
}
