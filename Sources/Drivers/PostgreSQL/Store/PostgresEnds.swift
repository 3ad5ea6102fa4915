import WorkerKit

/// Ends of jobs by their hosts, gathered and written together: live rows become history.
struct PostgresEnds {
  /// One end.
  struct End {
    let job: StoredJob
    let next: JobStanding
    let settlement: Settlement
    /// How the run ends with it; nil where something else says so.
    var runState: RunStanding.State?

    /// How the job stands as its run's planner sees it.
    var result: StageResult {
      var output: [UInt8]?
      if case .succeeded(let bytes, _) = settlement.outcome { output = bytes }
      return StageResult(state: next.state, output: output, failure: settlement.outcome.failure)
    }
  }

  private var ends: [End]

  /// Ends in the order of their numbers, in which their rows are locked.
  init(_ ends: [End]) {
    // Numbers are sorted and not the ends, which are large.
    let places = ends.indices.map { (number: ends[$0].job.number, place: $0) }.sorted { $0.number < $1.number }
    self.ends = places.map { ends[$0.place] }
  }

  /// Writes the ends of those jobs that still stand as they were read.
  /// - Returns: The numbers of those that did not.
  func write(_ transaction: PostgresTransaction, at now: Timestamp) throws(DriverError) -> Set<Int64> {
    guard !ends.isEmpty else { return [] }
    return try missed(transaction.rows(Self.move(ends, at: now)), transaction)
  }

  /// The same, in one round trip with a look at the epoch: where that is not `epoch`, none is written.
  func write(
    _ transaction: PostgresTransaction, at now: Timestamp, in epoch: Epoch
  ) throws(DriverError) -> (missed: Set<Int64>, epoch: Epoch) {
    let rows = try transaction.pipeline(PostgresEpoch.holding + [Self.move(ends, at: now, in: epoch)])
    return (try missed(rows[2], transaction), PostgresEpoch.epoch(rows[1]))
  }

  /// Notes which of those that were written are dead, and gives those that were not.
  private func missed(_ rows: PostgresRows, _ transaction: PostgresTransaction) throws(DriverError) -> Set<Int64> {
    var written: Set<Int64> = []
    for row in 0..<rows.count { written.insert(rows.integer(row, 0)) }
    let dead = ends.filter { $0.next.state.isDead && written.contains($0.job.number) }.map(\.job.number)
    if !dead.isEmpty { try transaction.run("INSERT INTO dead (job) SELECT unnest($1::bigint[])", [.integers(dead)]) }
    guard written.count < ends.count else { return [] }
    return Set(ends.map(\.job.number)).subtracting(written)
  }

  static func move(_ ends: [End], at now: Timestamp, in epoch: Epoch? = nil) -> PostgresCall {
    let failures = ends.map(\.settlement.outcome.failure)
    var columns = PostgresColumns([
      ("number", .integers(ends.map(\.job.number))),
      ("was_fence", .integers(ends.map(\.job.standing.fence.rawValue))),
      ("was_holder", .texts(ends.map { $0.job.standing.holder?.rawValue })),
      ("state", .integers(ends.map(\.next.state.stored))), ("holder", .texts(ends.map { $0.next.holder?.rawValue })),
      ("attempts", .integers(ends.map { Int64($0.next.attempts) })),
      ("started_at", .integers(ends.map { $0.next.startedAt?.milliseconds })),
      ("host", .texts(ends.map(\.settlement.host.rawValue))), ("output", .byteRows(ends.map { $0.result.output })),
      ("artifacts", .byteRows(ends.map { artifacts($0.settlement.outcome) })),
      ("failure", .byteRows(failures.map { $0?.json.bytes() })),
      ("cause", .byteRows(failures.map { $0.map { Array($0.cause.utf8) } })),
      ("run_state", .integers(ends.map { $0.runState?.number })),
    ])
    let moment = columns.add(.moment(now), as: "bigint")
    let claimed = epoch.map { columns.add(.integer($0.rawValue), as: "bigint") }
    return (moving(columns, moment: moment, epoch: claimed), columns.parameters)
  }

  private static func artifacts(_ outcome: Outcome) -> [UInt8]? {
    guard case .succeeded(_, let artifacts) = outcome, !artifacts.isEmpty else { return nil }
    return JSON.array(artifacts.map(\.json)).bytes()
  }

  private static func moving(_ rows: PostgresColumns, moment: String, epoch: String?) -> String {
    let isCurrent = epoch.map { "AND (\(PostgresEpoch.current.text)) = \($0)" } ?? ""
    return """
      WITH gone AS (
        DELETE FROM live l USING \(rows.source())
        WHERE l.number = u.number AND l.fence = \(rows["was_fence"])
          AND l.holder IS NOT DISTINCT FROM \(rows["was_holder"]) \(isCurrent)
        RETURNING l.*, \(new.map { "\(rows[$0]) AS new_\($0)" }.joined(separator: ", "))
      )
      INSERT INTO jobs (\(kept.joined(separator: ", ")), finished_at, \(new.joined(separator: ", ")))
      SELECT \(kept.joined(separator: ", ")), \(moment), \(new.map { "new_\($0)" }.joined(separator: ", "))
      FROM gone RETURNING number
      """
  }

  /// The columns that a job keeps when it ends, and those that its end gives it.
  private static let kept = [
    "number", "id", "run", "tenant", "kind", "element", "created_at", "fence", "due_at", "losses", "named", "ordering",
    "unresolved", "context", "input",
  ]
  private static let new = [
    "started_at", "attempts", "state", "run_state", "holder", "host", "failure", "cause", "output", "artifacts",
  ]
}
