public import WorkerKit

extension PostgresStore {
  public func events(id: EventID, tenant: TenantID?) async throws(DriverError) -> [EventRecord] {
    try await pool.read { transaction in
      var conditions = PostgresConditions()
      conditions.add("id =", .text(id.rawValue))
      conditions.add("tenant =", .optional(tenant?.rawValue))
      return try transaction.rows(
        """
        SELECT \(PostgresEventRows.columns) FROM events e
        WHERE e.sequence = ANY(ARRAY(
          SELECT sequence FROM event_keys\(conditions.text) ORDER BY sequence DESC LIMIT 100))
        ORDER BY e.sequence DESC
        """, conditions.values
      ).map(PostgresEventRows.event)
    }
  }

  public func run(_ id: RunID) async throws(DriverError) -> RunRecord? {
    try await pool.read { transaction in
      try transaction.rows(PostgresRunRows.one, [.text(id.rawValue)]).first.map(PostgresRunRows.run)
    }
  }

  public func runs(of event: EventRecord) async throws(DriverError) -> [RunRecord] {
    try await pool.read { transaction in
      let first = RowNumbers.firstRun(of: event.sequence)
      return try transaction.rows(
        PostgresRunRows.range, [.integer(first), .integer(first + RowNumbers.runsOfEvent)]
      ).map(PostgresRunRows.run)
    }
  }

  public func job(_ id: JobID) async throws(DriverError) -> Job? {
    try await pool.read { transaction in
      let jobs = PostgresJobs(transaction)
      guard var job = try jobs.job(id) else { return nil }
      let number = try jobs.find(id)?.number
      job.progress = try number.flatMap { number throws(DriverError) in try transaction.progress(of: number) }
      return job
    }
  }

  public func jobs(of run: RunID) async throws(DriverError) -> [Job] {
    try await pool.read { transaction in
      guard let stored = try PostgresRuns(transaction).find([run])[run] else { return [] }
      let first = RowNumbers.firstJob(of: stored.number)
      return try transaction.rows(Self.jobsOfRun, [.integer(first), .integer(first + RowNumbers.jobsOfRun)])
        .map(PostgresJobRows.job)
    }
  }

  public func find(_ filter: JobFilter) async throws(DriverError) -> FoundJobs {
    try await pool.read { transaction in
      var before: Int64?
      if let job = filter.before { before = try PostgresJobs(transaction).find(job)?.number ?? 0 }
      return try PostgresJobPages(transaction: transaction, filter: filter, before: before).page()
    }
  }

  public func attempts(of job: JobID) async throws(DriverError) -> [AttemptRecord] {
    try await pool.read { transaction in
      guard let number = try PostgresJobs(transaction).find(job)?.number else { return [] }
      return try transaction.rows(PostgresAttempts.history, [.integer(number)]).map { row throws(DriverError) in
        AttemptRecord(
          job: job, fence: Fence(rawValue: row.integer(0)), attempt: Int(row.integer(1)),
          holder: row.optionalText(2).map { Holder($0) }, host: row.optionalText(3).map { HostID($0) },
          startedAt: row.optionalMoment(4), finishedAt: row.moment(5), outcome: row.text(6),
          failure: try row.optionalJSON(7).flatMap { Failure(json: $0) })
      }
    }
  }

  public func deadLetterCount() async throws(DriverError) -> Int { try await count(DeadTally.count) }

  public func unroutedCount() async throws(DriverError) -> Int { try await count("SELECT count(*) FROM unrouted") }

  private func count(_ query: String) async throws(DriverError) -> Int {
    try await pool.read { transaction in Int(try transaction.rows(query).first?.integer(0) ?? 0) }
  }

  private static let jobsOfRun = """
    SELECT * FROM (
      SELECT \(PostgresJobRows.liveColumns) FROM \(PostgresJobRows.live) WHERE j.number >= $1 AND j.number < $2
      UNION ALL
      SELECT \(PostgresJobRows.endedColumns) FROM \(PostgresJobRows.ended) WHERE j.number >= $1 AND j.number < $2
    ) AS run_jobs ORDER BY 1
    """
}
