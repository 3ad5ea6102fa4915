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
  public func open(_ epoch: Epoch, under controls: QueueControls) async throws(DriverError) {
    while try await !pool.write({ transaction in try Self.open(epoch, controls, transaction) }) {}
    try await announceAll()
  }

  public func project(_ controls: QueueControls) async throws(DriverError) {
    try await pool.write { transaction in
      try transaction.rows(PostgresLocks.opening)
      let rows = try transaction.rows("SELECT epoch FROM queue_open WHERE id = 1 AND is_open")
      guard rows.first != nil else { throw PostgresQueueGate.notOpen }
      try Self.take(controls, transaction)
    }
    try await announceAll()
  }

  private func announceAll() async throws(DriverError) {
    waker.raiseAll()
    try await pool.exchange([(Self.announcingAll, [clock.parameter])]) { _ throws(DriverError) in }
  }

  /// Has newer controls be those in force; every lane that is held is looked at again.
  private static func take(_ controls: QueueControls, _ transaction: PostgresTransaction) throws(DriverError) {
    let taken = try transaction.run(
      "UPDATE queue_open SET version = $1, controls = $2, stamp = stamp + 1 WHERE id = 1 AND version <= $1",
      [.integer(controls.version), .bytes(PostgresControls.content(of: controls))])
    guard taken > 0 else { return }
    try transaction.run("UPDATE queue_lanes SET is_held = false, ready_at = 0, waits_for = NULL WHERE is_held")
    try transaction.run("UPDATE queue_turns SET ready_at = 0 WHERE NOT is_ready")
    try transaction.run("UPDATE queue_limits SET waited = false, freed = false WHERE waited OR freed")
  }

  public func isOpen(in epoch: Epoch) async throws(DriverError) -> Bool {
    try await pool.exchange([PostgresQueueGate.call(clock)]) { rows throws(DriverError) in
      rows[0].first?.integer(0) == epoch.rawValue
    }
  }

  /// Does a part of the work; true where nothing is left of it.
  private static func open(
    _ epoch: Epoch, _ controls: QueueControls, _ transaction: PostgresTransaction
  ) throws(DriverError) -> Bool {
    try transaction.rows(PostgresLocks.opening)
    let standing = try transaction.rows("SELECT epoch, is_open FROM queue_open WHERE id = 1").first
    if let standing {
      let known = standing.integer(0)
      if known > epoch.rawValue { return true }
      if known == epoch.rawValue, standing.boolean(1) {
        try take(controls, transaction)
        return true
      }
    }
    let isEmpty = try transaction.run(Self.emptying) < Self.part
    if isEmpty {
      for table in ["lanes", "turns", "turns_served", "limits", "awaited"] {
        try transaction.run("DELETE FROM queue_\(table)")
      }
    }
    try transaction.run(
      Self.opening,
      [
        .integer(epoch.rawValue), .boolean(isEmpty), .integer(controls.version),
        .bytes(PostgresControls.content(of: controls)),
      ])
    return isEmpty
  }

  private static let opening = """
    INSERT INTO queue_open AS o (id, epoch, is_open, version, stamp, controls) VALUES (1, $1, $2, $3, 1, $4)
    ON CONFLICT (id) DO UPDATE
      SET epoch = excluded.epoch, is_open = excluded.is_open, version = excluded.version, stamp = o.stamp + 1,
        controls = excluded.controls
    """

  private static let announcingAll = """
    SELECT pg_notify('\(PostgresWaker.channel)', queue) FROM queue_awaited WHERE until_at >= \(PostgresQueueClock.now)
    """

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
    SELECT queue, count(*) FILTER (WHERE holder IS NULL), count(holder), min(due_at) FILTER (WHERE holder IS NULL)
    FROM queue_entries GROUP BY queue
    """
}
