public import WorkerKit

/// How new fences reach the queue: by a handoff, written in the transaction and pushed after it.
enum PostgresHandover {
  /// How long a push may take from the commit on.
  static let pushTime = Duration.seconds(30)
  /// How long after that a handoff counts as lost; longer than clocks of store and queue may differ.
  static let margin = Duration.seconds(15)

  /// Writes entries down for a push; nil where there are none.
  static func handOver(
    _ stored: [StoredEntry], _ transaction: PostgresTransaction, at now: Timestamp
  ) throws(DriverError) -> Handoff? {
    guard !stored.isEmpty else { return nil }
    let rows = try transaction.rows(call(stored, at: now))
    return handoff(stored, rows, at: now)
  }

  /// The call that writes entries down, for a pipeline.
  static func call(_ stored: [StoredEntry], at now: Timestamp) -> PostgresCall {
    (
      insertion,
      [
        .moment(now + pushTime), .integers(stored.map(\.number)),
        .integers(stored.map(\.entry.fence.rawValue)),
      ]
    )
  }

  static let insertion = """
    INSERT INTO handoffs (not_after, jobs, fences) VALUES ($1, $2, $3)
    RETURNING id, (SELECT value FROM meta WHERE key = 'epoch')
    """

  /// What the call's row says.
  static func handoff(_ stored: [StoredEntry], _ rows: PostgresRows, at now: Timestamp) -> Handoff? {
    rows.first.map {
      Handoff(
        id: $0.integer(0), epoch: Epoch(rawValue: $0.integer(1)), notAfter: now + pushTime,
        entries: stored.map(\.entry))
    }
  }
}

extension PostgresStore {
  public func due(limit: Int) async throws(DriverError) -> [OverdueHandoff] {
    let lost = environment.time.now + (.zero - PostgresHandover.margin)
    return try await pool.read { transaction in
      let rows = try transaction.rows(Self.overdue, [.moment(lost), .integer(Int64(max(0, limit)))])
      var (ids, jobs): ([Int64], [Int64: [FencedJob]]) = ([], [:])
      for index in 0..<rows.count {
        let row = PostgresRow(rows: rows, index: index)
        let id = row.integer(0)
        if ids.last != id { ids.append(id) }
        guard let job = row.optionalText(1) else { continue }
        jobs[id, default: []].append(FencedJob(job: JobID(job), fence: Fence(rawValue: row.integer(2))))
      }
      return ids.map { OverdueHandoff(id: $0, jobs: jobs[$0] ?? []) }
    }
  }

  public func arrived(_ handoffs: [Int64]) async throws(DriverError) {
    guard !handoffs.isEmpty else { return }
    let sorted = handoffs.sorted()
    _ = try await pool.write { transaction in
      try transaction.run("DELETE FROM handoffs WHERE id = ANY($1)", [.integers(sorted)])
    }
  }

  private static let overdue = """
    SELECT h.id, l.id, l.fence
    FROM (SELECT id, jobs, fences FROM handoffs WHERE not_after < $1 ORDER BY id LIMIT $2) h
      LEFT JOIN LATERAL (
        SELECT live.id, live.fence, given.place
        FROM unnest(h.jobs, h.fences) WITH ORDINALITY AS given(job, fence, place)
          JOIN live ON live.number = given.job AND live.fence = given.fence
      ) l ON true
    ORDER BY h.id, l.place
    """
}
