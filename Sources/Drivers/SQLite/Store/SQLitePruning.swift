public import WorkerKit

extension SQLiteStore {
  public func prune(_ policy: RetentionPolicy, limit: Int) async throws(DriverError) -> Pruned {
    let cutOffs = RetentionCutOffs(policy, at: environment.time.now)
    // Found on the reader, so that looking through what stays does not hold up the writer.
    let old = try await database.read { transaction in
      try SQLitePruning(transaction: transaction).find(before: cutOffs, limit: limit)
    }
    guard !old.isEmpty else { return Pruned() }
    return try await database.write { transaction in
      let pruning = SQLitePruning(transaction: transaction)
      var pruned = Pruned(
        // First, so that none is counted as finished that is both.
        supersededRuns: try pruning.remove(runs: old.supersededRuns),
        finishedRuns: try pruning.remove(runs: old.finishedRuns),
        deadRuns: try pruning.remove(runs: old.deadRuns), events: try pruning.remove(events: old.events))
      try SQLiteBesidePruning(transaction: transaction).remove(old, before: cutOffs, counting: &pruned)
      return pruned
    }
  }
}

/// Finds and removes what is over, within one transaction.
struct SQLitePruning {
  fileprivate let transaction: SQLiteTransaction

  func find(before cutOffs: RetentionCutOffs, limit: Int) throws(DriverError) -> OldRows {
    var old = OldRows()
    old.supersededRuns = try superseded(endedBefore: cutOffs.supersededRuns, limit: limit)
    old.finishedRuns =
      try runs(.succeeded, endedBefore: cutOffs.finishedRuns, limit: limit)
      + runs(.cancelled, endedBefore: cutOffs.finishedRuns, limit: limit)
    old.deadRuns = try runs(.failed, endedBefore: cutOffs.deadLetters, limit: limit)
    old.events = try events(before: cutOffs.events, limit: limit)
    try SQLiteBesidePruning(transaction: transaction).find(&old, before: cutOffs, limit: limit)
    return old
  }

  /// Runs that ended so, oldest first. One whose dead letter holds its line stays: others wait behind it.
  func runs(_ state: RunStanding.State, endedBefore moment: Timestamp, limit: Int) throws(DriverError) -> [Int64] {
    try transaction.connection.statement(
      """
      SELECT sequence FROM runs WHERE created_at < ?1 AND finished_at < ?1 AND state = ?2
        AND NOT EXISTS (SELECT 1 FROM turns WHERE turns.run = runs.sequence)
      ORDER BY sequence LIMIT ?3
      """
    ).rows([.moment(moment), .integer(SQLiteRunRows.number(of: state)), .integer(Int64(limit))]) {
      row throws(DriverError) in
      row.integer(0)
    }
  }

  /// Runs that have ended and of which every job was superseded, found from such ends.
  func superseded(endedBefore moment: Timestamp, limit: Int) throws(DriverError) -> [Int64] {
    try transaction.connection.statement(Self.superseded).rows([
      .moment(moment), .integer(RowNumbers.jobsOfRun), .integer(Int64(limit)),
    ]) { row throws(DriverError) in row.integer(0) }
  }

  static let superseded = SQLiteText(
    """
    SELECT DISTINCT ends.job / ?2 AS run FROM ends CROSS JOIN runs ON runs.sequence = ends.job / ?2
    WHERE ends.reason = 'superseded' AND ends.finished_at < ?1 AND runs.state <> 0 AND runs.finished_at < ?1
      AND NOT EXISTS (
        SELECT 1 FROM jobs LEFT JOIN ends AS other ON other.job = jobs.sequence
        WHERE jobs.sequence BETWEEN runs.sequence * ?2 AND runs.sequence * ?2 + ?2 - 1
          AND other.reason IS NOT 'superseded')
    LIMIT ?3
    """)

  func events(before moment: Timestamp, limit: Int) throws(DriverError) -> [Int64] {
    try transaction.connection.statement(
      """
      SELECT sequence FROM events WHERE recorded_at < ?1 AND sequence <= ?2
        AND NOT EXISTS (SELECT 1 FROM unplanned WHERE event = events.sequence AND routed_at IS NULL)
        AND NOT EXISTS (
          SELECT 1 FROM runs WHERE runs.sequence BETWEEN events.sequence * ?3 AND events.sequence * ?3 + ?3 - 1)
      ORDER BY sequence LIMIT ?4
      """
    ).rows([
      .moment(moment), .integer(try SQLiteRouting.bound(transaction)), .integer(RowNumbers.runsOfEvent),
      .integer(Int64(limit)),
    ]) { row throws(DriverError) in row.integer(0) }
  }

  /// Removes runs with their jobs and attempts; one that lives again since it was found stays.
  func remove(runs: [Int64]) throws(DriverError) -> Int {
    var removed = 0
    for run in runs {
      guard try transaction.run("DELETE FROM runs WHERE sequence = ?1 AND state <> 0", .integer(run)) == 1 else {
        continue
      }
      let first = RowNumbers.firstJob(of: run)
      let jobs = (SQLiteValue.integer(first), SQLiteValue.integer(first + RowNumbers.jobsOfRun - 1))
      try transaction.run("DELETE FROM attempts WHERE job BETWEEN ?1 AND ?2", jobs.0, jobs.1)
      try transaction.run("DELETE FROM ends WHERE job BETWEEN ?1 AND ?2", jobs.0, jobs.1)
      try transaction.run("DELETE FROM progress WHERE job BETWEEN ?1 AND ?2", jobs.0, jobs.1)
      // What was done is forgotten with its output: the same work is done anew.
      try transaction.run("DELETE FROM executions WHERE leader BETWEEN ?1 AND ?2", jobs.0, jobs.1)
      try transaction.run("DELETE FROM sharers WHERE job BETWEEN ?1 AND ?2", jobs.0, jobs.1)
      try transaction.run("DELETE FROM turns WHERE run = ?1", .integer(run))
      try transaction.run("DELETE FROM jobs WHERE sequence BETWEEN ?1 AND ?2", jobs.0, jobs.1)
      removed += 1
    }
    return removed
  }

  /// Removes events; one that a replay has made a run of since it was found stays.
  func remove(events: [Int64]) throws(DriverError) -> Int {
    var removed = 0
    for event in events {
      let gone = try transaction.run(
        """
        DELETE FROM events WHERE sequence = ?1
          AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.sequence BETWEEN ?1 * ?2 AND ?1 * ?2 + ?2 - 1)
        """, .integer(event), .integer(RowNumbers.runsOfEvent))
      guard gone == 1 else { continue }
      try transaction.run("DELETE FROM unplanned WHERE event = ?1", .integer(event))
      try transaction.run("DELETE FROM replayed_events WHERE event = ?1", .integer(event))
      removed += 1
    }
    try transaction.run("DELETE FROM routings WHERE last < coalesce((SELECT min(sequence) FROM events), last + 1)")
    return removed
  }
}
