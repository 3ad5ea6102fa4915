public import WorkerKit

extension PostgresStore {
  public func prune(_ policy: RetentionPolicy, limit: Int) async throws(DriverError) -> Pruned {
    let cutOffs = RetentionCutOffs(policy, at: environment.time.now)
    let cleared = try await clearPartition(quietBefore: cutOffs.finishedRuns)
    _ = try await pool.write { try $0.run(DeadTally.folding) }
    // Found without a lock, so that looking through what stays holds nobody up.
    let old = try await pool.read { transaction in
      try PostgresPruning(transaction: transaction).find(before: cutOffs, limit: limit)
    }
    guard !old.isEmpty else { return Pruned(finishedRuns: cleared) }
    return try await write { transaction, _ in
      let pruning = PostgresPruning(transaction: transaction)
      var pruned = Pruned(
        // First, so that none is counted as finished that is both.
        supersededRuns: try pruning.remove(runs: old.supersededRuns),
        finishedRuns: try pruning.remove(runs: old.finishedRuns) + cleared,
        deadRuns: try pruning.remove(runs: old.deadRuns),
        events: try pruning.remove(events: old.events))
      try PostgresBesidePruning(transaction: transaction).remove(old, before: cutOffs, counting: &pruned)
      return pruned
    }
  }
}

/// Finds and removes what is over, within one transaction.
private struct PostgresPruning {
  let transaction: PostgresTransaction

  func find(before cutOffs: RetentionCutOffs, limit: Int) throws(DriverError) -> OldRows {
    var old = OldRows()
    old.supersededRuns = try superseded(endedBefore: cutOffs.supersededRuns, limit: limit)
    old.finishedRuns =
      try runs(.succeeded, endedBefore: cutOffs.finishedRuns, limit: limit)
      + runs(.cancelled, endedBefore: cutOffs.finishedRuns, limit: limit)
    old.deadRuns = try runs(.failed, endedBefore: cutOffs.deadLetters, limit: limit)
    old.events = try events(before: cutOffs.events, limit: limit)
    try PostgresBesidePruning(transaction: transaction).find(&old, before: cutOffs, limit: limit)
    return old
  }

  /// Runs that ended so, oldest first. Looked at are only runs of events that were routed by then, which is what has
  /// not left of history's far end; and not in partitions that are quiet, which will be cleared. One whose dead letter
  /// holds its line stays: others wait behind it.
  func runs(_ state: RunStanding.State, endedBefore moment: Timestamp, limit: Int) throws(DriverError) -> [Int64] {
    let ranges = try transaction.rows(Self.ranges, [.moment(moment)])
    var found: [Int64] = []
    for index in 0..<ranges.count where found.count < limit {
      let rows = try transaction.rows(
        Self.over,
        [
          .moment(moment), .integer(state.number), .integer(Int64(limit - found.count)),
          .integer(ranges.integer(index, 0)), .integer(ranges.integer(index, 1)),
        ])
      found += try rows.map { row throws(DriverError) in row.integer(0) }
    }
    return found
  }

  /// Runs that have ended and of which every job was superseded, found from such ends.
  func superseded(endedBefore moment: Timestamp, limit: Int) throws(DriverError) -> [Int64] {
    try transaction.rows(Self.superseded, [.moment(moment), .integer(Int64(limit))]).map { row throws(DriverError) in
      row.integer(0)
    }
  }

  func events(before moment: Timestamp, limit: Int) throws(DriverError) -> [Int64] {
    try transaction.rows(Self.withoutRuns, [.moment(moment), .integer(Int64(limit))]).map { row throws(DriverError) in
      row.integer(0)
    }
  }

  /// Removes runs with their jobs and attempts; one that lives again since it was found stays.
  func remove(runs found: [Int64]) throws(DriverError) -> Int {
    guard !found.isEmpty else { return 0 }
    try PostgresRuns(transaction).lock(found.sorted())
    let over = try transaction.rows(Self.stillOver, [.integers(found)]).map { row throws(DriverError) in row.integer(0)
    }
    guard !over.isEmpty else { return 0 }
    let numbers = PostgresValue.integers(over)
    // What was done is forgotten with its output: the same work is done anew.
    try transaction.pipeline(
      [("attempts", "job"), ("dead", "job"), ("progress", "job"), ("executions", "leader"), ("sharers", "job")]
        .map { table, column in (Self.removal(table, column), [numbers]) })
    try transaction.pipeline([
      ("DELETE FROM turns USING runs r WHERE r.number = ANY($1) AND turns.run = r.id", [numbers]),
      (Self.removal("jobs", "number"), [numbers]),
      ("DELETE FROM run_standings WHERE run = ANY($1)", [numbers]),
      ("DELETE FROM runs WHERE number = ANY($1)", [numbers]),
    ])
    return over.count
  }

  /// Removes events; one that a replay has made a run of since it was found stays.
  func remove(events found: [Int64]) throws(DriverError) -> Int {
    guard !found.isEmpty else { return 0 }
    // Replays give events new runs under this lock.
    try transaction.rows(PostgresLocks.exclusive(.routing))
    let gone = try transaction.rows(Self.eventRemoval, [.integers(found)]).map { row throws(DriverError) in
      row.integer(0)
    }
    try transaction.pipeline([
      ("DELETE FROM replayed_events WHERE event = ANY($1)", [.integers(gone)]),
      ("DELETE FROM routings WHERE first < \(Self.oldest) AND last < \(Self.oldest)", []),
    ])
    return gone.count
  }

  private static func removal(_ table: String, _ column: String) -> String {
    """
    DELETE FROM \(table) USING unnest($1::bigint[]) AS u(run)
    WHERE \(table).\(column) >= u.run * \(RowNumbers.jobsOfRun)
      AND \(table).\(column) < (u.run + 1) * \(RowNumbers.jobsOfRun)
    """
  }

  private static let ranges = """
    SELECT first * \(RowNumbers.runsOfEvent), least(beyond, \(routedBefore) + 1) * \(RowNumbers.runsOfEvent)
    FROM partitions
    WHERE (quiet_at IS NULL OR cleared_at IS NOT NULL) AND first <= \(routedBefore) ORDER BY first
    """
  private static let over = """
    SELECT r.number FROM \(PostgresRunRows.tables)
    WHERE r.number >= $4 AND r.number < $5 AND \(PostgresRunRows.state) = $2
      AND \(PostgresRunRows.finishedAt) < $1 AND r.created_at < $1
      AND NOT EXISTS (SELECT 1 FROM turns WHERE turns.run = r.id)
    ORDER BY r.number LIMIT $3
    """
  private static let superseded = """
    SELECT DISTINCT r.number
    FROM jobs f JOIN (\(PostgresRunRows.tables)) ON r.number = f.number / \(RowNumbers.jobsOfRun)
    WHERE f.waiting_for = 'superseded' AND f.finished_at < $1 AND \(PostgresRunRows.state) <> 0
      AND \(PostgresRunRows.finishedAt) < $1
      AND NOT EXISTS (
        SELECT 1 FROM live o WHERE o.number >= r.number * \(RowNumbers.jobsOfRun)
          AND o.number < (r.number + 1) * \(RowNumbers.jobsOfRun))
      AND NOT EXISTS (
        SELECT 1 FROM jobs o WHERE o.number >= r.number * \(RowNumbers.jobsOfRun)
          AND o.number < (r.number + 1) * \(RowNumbers.jobsOfRun) AND o.waiting_for IS DISTINCT FROM 'superseded')
    LIMIT $2
    """
  /// The last event that was routed before $1, or one before it: whatever is older than $1 is no newer than that.
  private static let routedBefore =
    "coalesce((SELECT last FROM routings WHERE at < $1 ORDER BY at DESC, last DESC LIMIT 1), 0)"
  private static let stillOver = """
    SELECT r.number FROM \(PostgresRunRows.tables) WHERE r.number = ANY($1) AND \(PostgresRunRows.state) <> 0
    ORDER BY r.number
    """
  private static let oldest = "coalesce((SELECT sequence FROM events ORDER BY sequence LIMIT 1), 0)"
  private static let withoutRuns = """
    SELECT e.sequence FROM events e
    WHERE e.sequence <= \(routedBefore) AND e.recorded_at < $1 AND \(marked) AND NOT EXISTS (\(runs))
    ORDER BY e.sequence LIMIT $2
    """
  private static let eventRemoval = """
    WITH gone AS (
      DELETE FROM events e WHERE e.sequence = ANY($1) AND NOT EXISTS (\(runs))
      RETURNING e.sequence, e.id, e.tenant, e.source
    ), keys AS (
      DELETE FROM event_keys k USING gone g WHERE k.id = g.id AND k.tenant = g.tenant AND k.source = g.source
    )
    SELECT sequence FROM gone
    """
  private static let marked = """
    NOT EXISTS (SELECT 1 FROM unrouted WHERE NOT aside AND event = e.sequence)
      AND NOT EXISTS (SELECT 1 FROM unrouted WHERE aside AND event = e.sequence)
    """
  private static let runs = """
    SELECT 1 FROM runs r WHERE r.number >= e.sequence * \(RowNumbers.runsOfEvent)
      AND r.number < (e.sequence + 1) * \(RowNumbers.runsOfEvent)
    """
}
