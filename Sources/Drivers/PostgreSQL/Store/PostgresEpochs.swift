public import WorkerKit

/// The epoch, within one transaction.
enum PostgresEpoch {
  /// Reads the epoch in force.
  static let current: PostgresCall = ("SELECT value FROM meta WHERE key = 'epoch'", [])

  /// Keeps the epoch what it is until the transaction ends, and reads it.
  static let holding = [PostgresLocks.shared(.epoch), current]

  static func epoch(_ rows: PostgresRows) -> Epoch { Epoch(rawValue: rows.first?.integer(0) ?? 0) }

  /// Begins the next epoch, or one from `number` on: nobody writes for an attempt meanwhile, and jobs that somebody had
  /// begun get a new fence.
  static func advance(
    _ transaction: PostgresTransaction, at now: Timestamp, from number: Int64 = 0
  ) throws(DriverError) -> Epoch {
    try transaction.rows(PostgresLocks.exclusive(.epoch))
    try transaction.run(
      "UPDATE meta SET value = greatest(value + 1, $1) WHERE key = 'epoch'", [.integer(number)])
    let begun = try transaction.rows(Self.begun).map { row throws(DriverError) in try StoredJob(row) }
    try PostgresAttempts(transaction).insert(begun.map { PostgresAttempts.loss(of: $0, at: now) })
    try PostgresStandings(transaction).update(
      begun.map { ($0.number, $0.standing.reissued(at: now, countingLoss: true)) })
    return epoch(try transaction.rows(current))
  }

  private static let begun = """
    SELECT \(StoredJob.liveColumns) FROM \(PostgresJobRows.live) WHERE j.holder IS NOT NULL
    ORDER BY j.number FOR UPDATE OF j
    """
}

extension PostgresStore {
  /// The queue's epoch. It belongs to one history of one database: where the database turns out to be another than it
  /// was, a promoted standby or a backup, the queue may know fences that it has not issued yet, and a new epoch begins.
  /// Its number is the time: the epochs that were lost had numbers too, which the queue may still be in.
  public func epoch() async throws(DriverError) -> Epoch {
    let (epoch, isSame) = try await pool.read { transaction in
      let row = try transaction.rows(Self.bound).first
      return (Epoch(rawValue: row?.integer(0) ?? 0), row?.optionalText(1) == row?.text(2))
    }
    if isSame { return epoch }
    forgetNumbers()
    return try await write { transaction, now in
      try transaction.rows(PostgresLocks.exclusive(.epoch))
      guard let row = try transaction.rows(Self.bound).first else { return epoch }
      let kept = row.optionalText(1)
      guard kept != row.text(2) else { return Epoch(rawValue: row.integer(0)) }
      try transaction.run("DELETE FROM origin")
      try transaction.run("INSERT INTO origin (name) VALUES ($1)", [.text(row.text(2))])
      return kept == nil
        ? Epoch(rawValue: row.integer(0))
        : try PostgresEpoch.advance(transaction, at: now, from: now.milliseconds)
    }
  }

  public func advanceEpoch() async throws(DriverError) -> Epoch {
    try await write { transaction, now in try PostgresEpoch.advance(transaction, at: now) }
  }

  public func isFilled() async throws(DriverError) -> Bool {
    try await pool.read { transaction in
      let rows = try transaction.rows("SELECT count(DISTINCT value) FROM meta WHERE key IN ('epoch', 'filled_epoch')")
      return rows.first?.integer(0) == 1
    }
  }

  public func refill(
    in epoch: Epoch, after cursor: JobID?, limit: Int
  ) async throws(DriverError) -> RefillPage {
    try await write { transaction, now in
      // No other epoch begins before this page is committed.
      let current = try transaction.pipeline(PostgresEpoch.holding)[1]
      guard PostgresEpoch.epoch(current) == epoch else { return RefillPage(handoff: nil, next: nil) }
      let after = try cursor.flatMap { cursor throws(DriverError) in
        try PostgresJobs(transaction).find(cursor)?.number
      }
      let limit = max(1, limit)
      let rows = try transaction.rows(Self.queued, [.integer(after ?? -1), .integer(Int64(limit))])
      let entries = try rows.map { row throws(DriverError) in
        let job = try StoredJob(row)
        return job.entry(job.standing, at: now)
      }
      let handoff = try PostgresHandover.handOver(entries, transaction, at: now)
      guard entries.count < limit else { return RefillPage(handoff: handoff, next: entries.last?.entry.job) }
      try transaction.run(
        "UPDATE meta SET value = $1 WHERE key = 'filled_epoch'", [.integer(epoch.rawValue)])
      return RefillPage(handoff: handoff, next: nil)
    }
  }

  public func probe() async throws(DriverError) {
    _ = try await pool.write { transaction in
      try transaction.run("UPDATE meta SET value = value + 1 WHERE key = 'probe'")
    }
  }

  /// The epoch, the database that it belongs to, and the one that this is.
  ///
  /// A promotion, and a restore to a point in time, change the timeline that the log is written on; a dump that is read
  /// in is another database, or other tables. A copy of the server's files has all of these alike, and so has a server
  /// that lost its last commits because it was told not to wait for the disk: but no files are put back, and no commits
  /// are lost, without a start of the server.
  private static let bound = """
    SELECT (SELECT value FROM meta WHERE key = 'epoch'), (SELECT name FROM origin),
      concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
        left(pg_walfile_name(pg_current_wal_insert_lsn()), 8),
        (SELECT oid FROM pg_database WHERE datname = current_database()), 'meta'::regclass::oid,
        (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint)
    """

  private static let queued = """
    SELECT \(StoredJob.liveColumns) FROM \(PostgresJobRows.live)
    WHERE j.number > $1
      AND (j.state IN (\(JobState.queued.stored), \(JobState.running.stored)) OR j.waiting_for = 'callback')
    ORDER BY j.number LIMIT $2
    """
}
