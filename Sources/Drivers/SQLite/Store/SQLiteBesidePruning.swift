import WorkerKit

/// Finds and removes, within one transaction, what stands beside runs and events: windows that only remember, replays
/// of events, what persons did, activations, revisions.
struct SQLiteBesidePruning {
  let transaction: SQLiteTransaction

  /// Adds what it finds to what was found of runs and events.
  func find(_ old: inout OldRows, before cutOffs: RetentionCutOffs, limit: Int) throws(DriverError) {
    old.windows = try windows(before: cutOffs.windows, limit: limit)
    old.replays = try replays(before: cutOffs.events, limit: limit)
    old.audit = try audit(before: cutOffs.audit, limit: limit)
    old.activations = try activations(replacedBefore: cutOffs.activations, limit: limit)
    old.revisions = try revisions(limit: limit)
    old.activation =
      try transaction.connection.statement("SELECT number FROM activations ORDER BY number DESC LIMIT 1")
      .first { row throws(DriverError) in row.integer(0) } ?? 0
  }

  /// Removes what was found, and counts it. What has changed since stays.
  func remove(
    _ old: OldRows, before cutOffs: RetentionCutOffs, counting pruned: inout Pruned
  ) throws(DriverError) {
    for key in old.windows {
      let statement = try transaction.connection.statement(
        "DELETE FROM windows WHERE tenant = ?1 AND pipeline = ?2 AND stage = ?3 AND key = ?4 AND at < ?5")
      try statement.run(key.values + [.moment(cutOffs.windows)])
      pruned.windows += transaction.connection.changes
    }
    for id in old.replays {
      pruned.eventReplays += try transaction.run(
        "DELETE FROM event_replays WHERE id = ?1 AND at < ?2", .text(id), .moment(cutOffs.events))
    }
    for row in old.audit {
      pruned.audit += try transaction.run("DELETE FROM audit WHERE sequence = ?1", .integer(row))
    }
    for number in old.activations {
      pruned.activations += try transaction.run("DELETE FROM activations WHERE number = ?1", .integer(number))
    }
    for hash in old.revisions {
      // No run can begin on it unless it was activated anew since it was found: it has long been active nowhere.
      pruned.revisions += try transaction.run(
        """
        DELETE FROM revisions WHERE hash = ?1 AND NOT EXISTS
          (SELECT 1 FROM activations WHERE number >= ?2 AND instr(active, CAST(?1 AS BLOB)) > 0)
        """, .text(hash), .integer(old.activation))
    }
  }

  /// Windows without a job.
  private func windows(before moment: Timestamp, limit: Int) throws(DriverError) -> [OrderingKey] {
    try PagedSearch.first(limit, after: OrderingKey.beforeAll) { last throws(DriverError) in
      try transaction.connection.statement(
        """
        SELECT tenant, pipeline, stage, key, state FROM windows
        WHERE (tenant, pipeline, stage, key) > (?1, ?2, ?3, ?4) AND at < ?5
        ORDER BY tenant, pipeline, stage, key LIMIT ?6
        """
      ).rows(last.values + [.moment(moment), .integer(Int64(limit))]) { row throws(DriverError) in
        let key = OrderingKey(
          tenant: TenantID(row.text(0)), pipeline: PipelineName(row.text(1)), stage: StageName(row.text(2)),
          key: row.text(3))
        return (key, try row.optionalJSON(4).flatMap { CoalesceWindow(json: $0) }?.isEmpty ?? true)
      }
    }
  }

  private func replays(before moment: Timestamp, limit: Int) throws(DriverError) -> [String] {
    try transaction.connection.statement(
      """
      SELECT id FROM event_replays WHERE at < ?1 AND id NOT IN (SELECT replay FROM replayed_events) LIMIT ?2
      """
    ).rows([.moment(moment), .integer(Int64(limit))]) { row throws(DriverError) in row.text(0) }
  }

  /// Deeds whose jobs have left, up to the first that is too young: they stand in the order in which they were done.
  private func audit(before moment: Timestamp, limit: Int) throws(DriverError) -> [Int64] {
    try PagedSearch.first(limit, after: 0) { last throws(DriverError) in
      let page = try transaction.connection.statement(
        """
        SELECT sequence, job FROM audit WHERE sequence > ?1 AND sequence <
          coalesce((SELECT sequence FROM audit WHERE at >= ?2 ORDER BY sequence LIMIT 1), 9223372036854775807)
        ORDER BY sequence LIMIT ?3
        """
      ).rows([.integer(last), .moment(moment), .integer(Int64(limit))]) { row throws(DriverError) in
        (row.integer(0), row.optionalText(1).map { JobID($0) })
      }
      var checked: [(place: Int64, isOver: Bool)] = []
      for (sequence, job) in page { checked.append((sequence, try job.map(exists) != true)) }
      return checked
    }
  }

  private func exists(_ job: JobID) throws(DriverError) -> Bool {
    let connection = transaction.connection
    return try SQLiteJobs.find(job, connection.statement(Self.derived), connection.statement(Self.named)) {
      row throws(DriverError) in row.integer(0)
    } != nil
  }

  private static let derived = SQLiteText("SELECT 1 FROM \(SQLiteJobRows.derived)")
  private static let named = SQLiteText("SELECT 1 FROM \(SQLiteJobRows.named)")

  private func activations(replacedBefore moment: Timestamp, limit: Int) throws(DriverError) -> [Int64] {
    try transaction.connection.statement(
      """
      SELECT number FROM activations AS old
      WHERE (SELECT at FROM activations AS next WHERE next.number > old.number ORDER BY next.number LIMIT 1) < ?1
        AND (restored IS NOT NULL OR EXISTS (SELECT 1 FROM activations AS newer
          WHERE newer.number > old.number AND newer.who = old.who AND newer.restored IS NULL))
      ORDER BY number LIMIT ?2
      """
    ).rows([.moment(moment), .integer(Int64(limit))]) { row throws(DriverError) in row.integer(0) }
  }

  /// Revisions that no activation names, as active or as held by a folder, and no run has. Runs, which are many, are
  /// looked through only for the few that no activation names.
  private func revisions(limit: Int) throws(DriverError) -> [String] {
    try transaction.connection.statement(
      """
      SELECT hash FROM revisions
      WHERE NOT EXISTS (SELECT 1 FROM activations WHERE instr(active, CAST(hash AS BLOB)) > 0)
        AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.revision = revisions.hash)
      LIMIT ?1
      """
    ).rows([.integer(Int64(limit))]) { row throws(DriverError) in row.text(0) }
  }
}
