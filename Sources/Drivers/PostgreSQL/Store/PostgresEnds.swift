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
    let dead = ends.filter { $0.next.state.isDead }.map(\.job.number)
    let rows = try transaction.rows(move(at: now))
    var written: Set<Int64> = []
    for row in 0..<rows.count { written.insert(rows.integer(row, 0)) }
    let deadNow = dead.filter(written.contains)
    if !deadNow.isEmpty {
      try transaction.run("INSERT INTO dead (job) SELECT unnest($1::bigint[])", [.integers(deadNow)])
    }
    guard written.count < ends.count else { return [] }
    return Set(ends.map(\.job.number)).subtracting(written)
  }

  private func move(at now: Timestamp) -> PostgresCall {
    let failures = ends.map(\.settlement.outcome.failure)
    return (
      Self.moving,
      [
        .integers(ends.map(\.job.number)), .integers(ends.map(\.job.standing.fence.rawValue)),
        .texts(ends.map { $0.job.standing.holder?.rawValue }), .integers(ends.map(\.next.state.stored)),
        .texts(ends.map { $0.next.holder?.rawValue }), .integers(ends.map { Int64($0.next.attempts) }),
        .integers(ends.map { $0.next.startedAt?.milliseconds }), .texts(ends.map(\.settlement.host.rawValue)),
        .byteRows(ends.map { $0.result.output }), .byteRows(ends.map { Self.artifacts($0.settlement.outcome) }),
        .byteRows(failures.map { $0?.json.bytes() }), .byteRows(failures.map { $0.map { Array($0.cause.utf8) } }),
        .integers(ends.map { $0.runState?.number }), .moment(now),
      ]
    )
  }

  private static func artifacts(_ outcome: Outcome) -> [UInt8]? {
    guard case .succeeded(_, let artifacts) = outcome, !artifacts.isEmpty else { return nil }
    return JSON.array(artifacts.map(\.json)).bytes()
  }

  static let moving = """
    WITH gone AS (
      DELETE FROM live l USING unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::bigint[],
        $7::bigint[], $8::text[], $9::bytea[], $10::bytea[], $11::bytea[], $12::bytea[], $13::bigint[])
        AS u(number, was_fence, was_holder, state, holder, attempts, started_at, host, output, artifacts, failure,
          cause, run_state)
      WHERE l.number = u.number AND l.fence = u.was_fence AND l.holder IS NOT DISTINCT FROM u.was_holder
      RETURNING l.number, l.id, l.run, l.tenant, l.kind, l.element, l.created_at, l.fence, l.due_at, u.started_at,
        u.attempts, l.losses, u.state, u.run_state, l.named, u.holder, u.host, u.failure, u.cause, l.ordering,
        l.unresolved, l.context, l.input, u.output, u.artifacts
    )
    INSERT INTO jobs (number, id, run, tenant, kind, element, created_at, fence, due_at, started_at, finished_at,
      attempts, losses, state, run_state, named, holder, host, failure, cause, ordering, unresolved, context, input,
      output, artifacts)
    SELECT number, id, run, tenant, kind, element, created_at, fence, due_at, started_at, $14::bigint, attempts,
      losses, state, run_state, named, holder, host, failure, cause, ordering, unresolved, context, input, output,
      artifacts
    FROM gone RETURNING number
    """
}
