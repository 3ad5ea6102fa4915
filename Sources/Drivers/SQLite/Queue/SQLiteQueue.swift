public import WorkerKit

/// Motion in one SQLite file: the embedded default, beside the store or alone.
///
/// A push by this process wakes waiting hosts at once. A push by another process is seen within `wakingTime`.
public final class SQLiteQueue: JobQueue {
  private let database: SQLiteDatabase
  private let environment: Environment
  private let pushes: Signal

  /// How long a push by another process may go unseen by a host that waits.
  public static let wakingTime = Duration.seconds(1)

  init(database: SQLiteDatabase, environment: Environment, pushes: Signal) {
    self.database = database
    self.environment = environment
    self.pushes = pushes
  }

  public func push(_ handoff: Handoff) async throws(DriverError) -> [PushAnswer] {
    let now = environment.time.now
    let answers = try await write { entries in
      guard handoff.epoch == (try entries.epoch()), now <= handoff.notAfter else {
        return handoff.entries.map { _ in PushAnswer.refused }
      }
      return try handoff.entries.map { entry in
        guard let row = try entries.row(of: entry.job) else { return .refused }
        return try entries.push(StoredEntry(row: row, entry: entry))
      }
    }
    pushes.raise()
    return answers
  }

  public func lease(_ request: LeaseRequest) async throws(DriverError) -> [Lease] {
    let end = environment.time.monotonic + request.wait
    while true {
      let seen = pushes.count
      // One draw for all, since the writer has no time to lose: the tokens of one grant differ in their number.
      let token = environment.id()
      let (leases, nextDue) = try await write { entries in
        let leases = try entries.lease(request, token: token)
        return (leases, leases.isEmpty ? try entries.nextDue(request.queue) : nil)
      }
      let left = end - environment.time.monotonic
      if !leases.isEmpty || left <= .zero || Task.isCancelled { return leases }
      // A due time that has come meanwhile is not waited for, but neither does it make the loop spin.
      let pause = min(left, Self.wakingTime, max(nextDue ?? Self.wakingTime, .milliseconds(1)))
      await pushes.wait(after: seen, atMost: pause, on: environment.time)
    }
  }

  public func renew(_ leases: [Lease]) async throws(DriverError) -> [RenewAnswer] {
    try await write { entries in try leases.map { try entries.renew($0) } }
  }

  public func finish(_ authorities: [Authority]) async throws(DriverError) -> [FinishAnswer] {
    try await write { entries in try authorities.map { try entries.finish($0) } }
  }

  public func revoke(_ jobs: [FencedJob]) async throws(DriverError) -> [RevokeAnswer] {
    try await write { entries in try jobs.map { try entries.revoke($0) } }
  }

  public func expired(limit: Int) async throws(DriverError) -> [Authority] {
    let moment = SQLiteMoment(environment.time)
    return try await database.read { transaction in
      let now = try SQLiteQueueClock.now(moment, transaction, canWrite: false)
      let epoch = try SQLiteQueueEntries(transaction: transaction, now: now).epoch()
      return try transaction.connection.statement(
        """
        SELECT id, fence, holder FROM leases WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2
        """
      ).rows([.moment(now), .integer(Int64(limit))]) { row throws(DriverError) in
        Authority(
          job: JobID(row.text(0)), epoch: epoch, fence: Fence(rawValue: row.integer(1)), holder: Holder(row.text(2)))
      }
    }
  }

  public func known(_ jobs: [FencedJob]) async throws(DriverError) -> [KnownAnswer] {
    let moment = SQLiteMoment(environment.time)
    return try await database.read { transaction in
      let now = try SQLiteQueueClock.now(moment, transaction, canWrite: false)
      let entries = try SQLiteQueueEntries(transaction: transaction, now: now)
      return try jobs.map { try entries.known($0) }
    }
  }

  public func depths() async throws(DriverError) -> [QueueDepth] {
    let moment = SQLiteMoment(environment.time)
    return try await database.read { transaction in
      let now = try SQLiteQueueClock.now(moment, transaction, canWrite: false)
      return try transaction.connection.statement(
        """
        SELECT queue, sum(waits), sum(NOT waits), min(CASE WHEN waits AND due_at <= ?1 THEN due_at END) FROM (
          SELECT queue, 1 AS waits, due_at FROM waiting UNION ALL SELECT queue, 0, 0 FROM leases
        ) GROUP BY queue
        """
      ).rows([.moment(now)]) { row throws(DriverError) in
        QueueDepth(
          queue: QueueName(row.text(0)), waiting: Int(row.integer(1)), leased: Int(row.integer(2)),
          oldest: row.optionalInteger(3).map { now - Timestamp(milliseconds: $0) } ?? .zero)
      }
    }
  }

  public func open(_ epoch: Epoch, under controls: QueueControls) async throws(DriverError) {
    _ = try await write { entries in
      guard try entries.epoch() < epoch else { return }
      try entries.transaction.run("DELETE FROM waiting")
      try entries.transaction.run("DELETE FROM leases")
      try entries.transaction.run("UPDATE meta SET value = ?1 WHERE key = 'queue_epoch'", .integer(epoch.rawValue))
    }
    pushes.raise()
  }

  private func write<Value: Sendable>(
    _ body: @escaping @Sendable (SQLiteQueueEntries) throws -> Value
  ) async throws(DriverError) -> Value {
    let moment = SQLiteMoment(environment.time)
    return try await database.write { transaction in
      let now = try SQLiteQueueClock.now(moment, transaction, canWrite: true)
      return try body(SQLiteQueueEntries(transaction: transaction, now: now))
    }
  }
}

extension SQLiteQueue {
  public func project(_ controls: QueueControls) async throws(DriverError) {}
}
