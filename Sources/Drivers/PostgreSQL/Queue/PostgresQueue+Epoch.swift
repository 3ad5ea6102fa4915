public import WorkerKit

/// What concerns the queue as a whole.
extension PostgresQueue {
  public func expired(limit: Int) async throws(DriverError) -> [Authority] {
    let calls: [PostgresCall] = [
      PostgresQueueGate.call(clock), (Self.over, [clock.parameter, .integer(Int64(max(0, limit)))]),
    ]
    return try await pool.exchange(calls) { rows throws(DriverError) in
      let epoch = try PostgresQueueGate(rows[0]).epoch
      return try rows[1].map { row throws(DriverError) in
        Authority(
          job: JobID(row.text(0)), epoch: epoch, fence: Fence(rawValue: row.integer(1)), holder: Holder(row.text(2)))
      }
    }
  }

  public func depths() async throws(DriverError) -> [QueueDepth] {
    try await pool.exchange([PostgresQueueGate.call(clock), (Self.counts, [])]) { rows throws(DriverError) in
      let now = try PostgresQueueGate(rows[0]).now
      return try rows[1].map { row throws(DriverError) in
        QueueDepth(
          queue: QueueName(row.text(0)), waiting: Int(row.integer(1)), leased: Int(row.integer(2)),
          oldest: .milliseconds(max(0, now - (row.optionalInteger(3) ?? now))))
      }.sorted { $0.queue < $1.queue }
    }
  }

  /// Closes the queue, empties it bit by bit, so that no statement takes long, and opens it. What is interrupted is
  /// closed, and goes on when the same epoch, or a newer one, is opened.
  public func open(_ epoch: Epoch) async throws(DriverError) {
    while try await !pool.write({ transaction in try Self.open(epoch, transaction) }) {}
    waker.raiseAll()
  }

  public func isOpen(in epoch: Epoch) async throws(DriverError) -> Bool {
    try await pool.exchange([PostgresQueueGate.call(clock)]) { rows throws(DriverError) in
      rows[0].first?.integer(0) == epoch.rawValue
    }
  }

  /// Does a part of the work; true where nothing is left of it.
  private static func open(_ epoch: Epoch, _ transaction: PostgresTransaction) throws(DriverError) -> Bool {
    try transaction.rows(PostgresLocks.opening)
    let standing = try transaction.rows("SELECT epoch, is_open FROM queue_open WHERE id = 1").first
    if let standing {
      let known = standing.integer(0)
      if known > epoch.rawValue || known == epoch.rawValue && standing.boolean(1) { return true }
    }
    let isEmpty = try transaction.run(Self.emptying) < Self.part
    if isEmpty {
      try transaction.run("DELETE FROM queue_lanes")
      try transaction.run("DELETE FROM queue_awaited")
    }
    try transaction.run(
      """
      INSERT INTO queue_open (id, epoch, is_open) VALUES (1, $1, $2)
      ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, is_open = excluded.is_open
      """, [.integer(epoch.rawValue), .boolean(isEmpty)])
    return isEmpty
  }

  /// How many entries are removed at a time.
  private static let part = 50_000

  private static let emptying = """
    DELETE FROM queue_entries WHERE ctid = ANY (ARRAY(SELECT ctid FROM queue_entries LIMIT \(part)))
    """

  static let over = """
    SELECT job, fence, holder FROM queue_entries
    WHERE holder IS NOT NULL AND expires_at <= (SELECT \(PostgresQueueClock.now)) ORDER BY expires_at LIMIT $2
    """

  static let counts = """
    SELECT l.queue, sum(n.waiting)::bigint, sum(n.leased)::bigint, min(n.due_at)
    FROM (
      SELECT lane, count(*) FILTER (WHERE holder IS NULL) AS waiting, count(holder) AS leased,
        min(due_at) FILTER (WHERE holder IS NULL) AS due_at
      FROM queue_entries GROUP BY lane
    ) n JOIN queue_lanes l ON l.id = n.lane GROUP BY l.queue
    """
}
