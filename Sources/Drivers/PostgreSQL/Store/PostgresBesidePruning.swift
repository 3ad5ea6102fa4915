import WorkerKit

/// Finds and removes, within one transaction, what stands beside runs and events: windows that only remember, replays
/// of events, what persons did, activations, revisions.
struct PostgresBesidePruning {
  let transaction: PostgresTransaction

  /// Adds what it finds to what was found of runs and events.
  func find(_ old: inout OldRows, before cutOffs: RetentionCutOffs, limit: Int) throws(DriverError) {
    let most = PostgresValue.integer(Int64(limit))
    old.windows = try windows(before: cutOffs.windows, limit: limit)
    old.replays = try transaction.rows(Self.replays, [.moment(cutOffs.events), most])
      .map { row throws(DriverError) in row.text(0) }
    old.audit = try audit(before: cutOffs.audit, limit: limit)
    old.activations = try transaction.rows(Self.activations, [.moment(cutOffs.activations), most])
      .map { row throws(DriverError) in row.integer(0) }
    old.revisions = try transaction.rows(Self.revisions, [most]).map { row throws(DriverError) in row.text(0) }
    old.activation = try transaction.rows("SELECT coalesce(max(number), 0) FROM activations").integer(0, 0)
  }

  /// Removes what was found, and counts it. What has changed since stays.
  func remove(
    _ old: OldRows, before cutOffs: RetentionCutOffs, counting pruned: inout Pruned
  ) throws(DriverError) {
    for key in old.windows {
      pruned.windows += try transaction.run(
        "DELETE FROM windows WHERE tenant = $1 AND pipeline = $2 AND stage = $3 AND key = $4 AND at < $5",
        key.values + [.moment(cutOffs.windows)])
    }
    pruned.eventReplays = try transaction.run(
      "DELETE FROM event_replays WHERE id = ANY($1) AND at < $2",
      [.texts(old.replays), .moment(cutOffs.events)])
    pruned.audit = try transaction.run("DELETE FROM audit WHERE sequence = ANY($1)", [.integers(old.audit)])
    guard !old.activations.isEmpty || !old.revisions.isEmpty else { return }
    try transaction.rows(PostgresLocks.exclusive(.activation))
    pruned.activations = try transaction.run(
      "DELETE FROM activations WHERE number = ANY($1)", [.integers(old.activations)])
    // No run can begin on one unless it was activated anew since it was found: it has long been active nowhere.
    pruned.revisions = try transaction.run(
      """
      DELETE FROM revisions r WHERE hash = ANY($1) AND NOT EXISTS
        (SELECT 1 FROM activations a WHERE a.number >= $2 AND \(Self.isNamed))
      """, [.texts(old.revisions), .integer(old.activation)])
  }

  /// Windows without a job.
  private func windows(before moment: Timestamp, limit: Int) throws(DriverError) -> [OrderingKey] {
    try PagedSearch.first(limit, after: OrderingKey.beforeAll) { last throws(DriverError) in
      try transaction.rows(Self.windows, last.values + [.moment(moment), .integer(Int64(limit))]).map {
        row throws(DriverError) in
        let key = OrderingKey(
          tenant: TenantID(row.text(0)), pipeline: PipelineName(row.text(1)), stage: StageName(row.text(2)),
          key: row.text(3))
        return (key, try row.optionalJSON(4).flatMap { CoalesceWindow(json: $0) }?.isEmpty ?? true)
      }
    }
  }

  /// Deeds whose jobs have left, up to the first that is too young.
  private func audit(before moment: Timestamp, limit: Int) throws(DriverError) -> [Int64] {
    try PagedSearch.first(limit, after: 0) { last throws(DriverError) in
      let page = try transaction.rows(Self.audit, [.integer(last), .moment(moment), .integer(Int64(limit))]).map {
        row throws(DriverError) in (row.integer(0), row.optionalText(1).map { JobID($0) })
      }
      let kept = try PostgresJobs(transaction).find(Array(Set(page.compactMap(\.1))))
      return page.map { sequence, job in (sequence, job.map { kept[$0] == nil } ?? true) }
    }
  }

  private static let windows = """
    SELECT tenant, pipeline, stage, key, state FROM windows
    WHERE (tenant, pipeline, stage, key) > ($1, $2, $3, $4) AND at < $5
    ORDER BY tenant, pipeline, stage, key LIMIT $6
    """
  private static let replays = """
    SELECT id FROM event_replays r WHERE at < $1
      AND NOT EXISTS (SELECT 1 FROM replayed_events e WHERE e.replay = r.id) LIMIT $2
    """
  private static let audit = """
    SELECT sequence, job FROM audit WHERE sequence > $1 AND at < $2 ORDER BY sequence LIMIT $3
    """
  private static let activations = """
    SELECT number FROM activations AS old
    WHERE (SELECT at FROM activations AS next WHERE next.number > old.number ORDER BY next.number LIMIT 1) < $1
      AND (restored IS NOT NULL OR EXISTS (SELECT 1 FROM activations AS newer
        WHERE newer.number > old.number AND newer.who = old.who AND newer.restored IS NULL))
    ORDER BY number LIMIT $2
    """
  private static let isNamed = "position(convert_to(r.hash, 'UTF8') IN a.active) > 0"
  /// Revisions that no activation names, as active or as held by a folder, and no run has. Runs, which are many, are
  /// looked through only for the few that no activation names.
  private static let revisions = """
    SELECT r.hash FROM revisions r
    WHERE NOT EXISTS (SELECT 1 FROM activations a WHERE \(isNamed))
      AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.revision = r.hash)
    LIMIT $1
    """
}
