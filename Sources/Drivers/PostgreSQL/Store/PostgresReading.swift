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

  public func jobs(_ filter: JobFilter) async throws(DriverError) -> [Job] {
    try await pool.read { transaction in
      var before: Int64?
      if let job = filter.before { before = try PostgresJobs(transaction).find(job)?.number ?? 0 }
      return try transaction.rows(PostgresJobPages(filter: filter, before: before).call).map(PostgresJobRows.job)
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

  public func deadLetterCount() async throws(DriverError) -> Int { try await count("SELECT count(*) FROM dead") }

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

/// A page of jobs as `JobFilter` describes it, newest first. Dead letters are read by way of their own small table.
private struct PostgresJobPages {
  let filter: JobFilter
  let before: Int64?

  var call: PostgresCall {
    var conditions = common
    let limit = conditions.place(of: .integer(Int64(filter.limit)))
    let isLive = filter.states.isEmpty || filter.states.contains(where: \.isLive)
    let isEnded = filter.states.isEmpty || filter.states.contains { !$0.isLive }
    let isDead = !filter.states.isEmpty && filter.states.allSatisfy(\.isDead)
    // Nothing that lives has ended.
    let mayLive = isLive && filter.endedFrom == nil && filter.endedBefore == nil
    var parts: [String] = []
    if mayLive {
      parts.append(
        part("\(PostgresJobRows.liveColumns) FROM \(PostgresJobRows.live)", conditions, by: "j.number", limit))
    }
    if isEnded {
      conditions.add("j.finished_at >=", .moment(filter.endedFrom))
      conditions.add("j.finished_at <", .moment(filter.endedBefore))
      let tables =
        isDead ? "dead d JOIN jobs j ON j.number = d.job JOIN kinds k ON k.id = j.kind" : PostgresJobRows.ended
      parts.append(
        part("\(PostgresJobRows.endedColumns) FROM \(tables)", conditions, by: isDead ? "d.job" : "j.number", limit))
    }
    // Both kinds of end were asked for, or neither: an empty page.
    guard !parts.isEmpty else {
      return (part("\(PostgresJobRows.liveColumns) FROM \(PostgresJobRows.live)", nothing, by: "j.number", "1"), [])
    }
    guard parts.count > 1 else { return (parts[0], conditions.values) }
    let both = parts.map { "(\($0))" }.joined(separator: " UNION ALL ")
    return ("SELECT * FROM (\(both)) AS page ORDER BY 1 DESC LIMIT \(limit)", conditions.values)
  }

  private var nothing: PostgresConditions {
    var conditions = PostgresConditions()
    conditions.add("false")
    return conditions
  }

  private func part(_ columns: String, _ conditions: PostgresConditions, by number: String, _ limit: String) -> String {
    var conditions = conditions
    if let before { conditions.add("\(number) < \(before)") }
    return "SELECT \(columns)\(conditions.text) ORDER BY \(number) DESC LIMIT \(limit)"
  }

  private var common: PostgresConditions {
    var conditions = PostgresConditions()
    // Words of an enumeration, not values from outside.
    let states = filter.states.map { String($0.stored) }.sorted()
    if !states.isEmpty { conditions.add("j.state IN (\(states.joined(separator: ", ")))") }
    conditions.add("j.tenant =", .optional(filter.tenant?.rawValue))
    conditions.add("k.pipeline =", .optional(filter.pipeline?.rawValue))
    conditions.add("k.stage =", .optional(filter.stage?.rawValue))
    conditions.add("k.worker =", .optional(filter.worker?.rawValue))
    conditions.add("k.worker =", .optional(filter.fingerprint?.worker.rawValue))
    // A job that is to be tried again has its last failure too.
    conditions.add("j.cause =", filter.fingerprint.map { .bytes(Array($0.cause.utf8)) } ?? .null)
    return conditions
  }
}
