import Synchronization
public import WorkerKit

/// Motion in one SQLite file: the embedded default, beside the store or alone.
///
/// A push by this process wakes waiting hosts at once. A push by another process is seen within `wakingTime`.
public final class SQLiteQueue: JobQueue {
  private let database: SQLiteDatabase
  private let environment: Environment
  private let pushes: Signal
  private let controls = SQLiteControls()
  /// When lanes and buckets that nobody needs were last looked for, on the monotonic clock.
  private let lastSweep = Mutex(Duration.zero)

  /// How long a push by another process may go unseen by a host that waits.
  public static let wakingTime = Duration.seconds(1)
  /// How long what nobody needs any more may stay.
  static let sweepingTime = Duration.seconds(1)

  init(database: SQLiteDatabase, environment: Environment, pushes: Signal) {
    self.database = database
    self.environment = environment
    self.pushes = pushes
  }

  public func push(_ handoff: Handoff) async throws(DriverError) -> [PushAnswer] {
    let now = environment.time.now
    return try await write { entries in
      guard handoff.epoch == (try entries.epoch()), now <= handoff.notAfter else {
        return handoff.entries.map { _ in PushAnswer.refused }
      }
      return try handoff.entries.map { entry in
        guard let row = try entries.row(of: entry.job) else { return .refused }
        return try entries.push(StoredEntry(row: row, entry: entry))
      }
    }
  }

  public func lease(_ request: LeaseRequest) async throws(DriverError) -> [Lease] {
    let end = environment.time.monotonic + request.wait
    while true {
      let seen = pushes.count
      // One draw for all, since the writer has no time to lose: the tokens of one grant differ in their number.
      let (token, sweeps) = (environment.id(), isTimeToSweep())
      let look = try await write { [controls] entries in
        var leasing = SQLiteLeasing(
          entries: entries, controls: try controls.read(entries.transaction), request: request, sweeps: sweeps)
        let leases = try leasing.lease(token: token)
        return Look(
          leases: leases, next: leases.isEmpty ? try leasing.next() : nil, hasNewTimes: leasing.hasNewTimes,
          isUnfinished: leasing.isUnfinished)
      }
      // Others who wait know of no time that has only now come up.
      if look.hasNewTimes { pushes.raise() }
      if !look.leases.isEmpty || Task.isCancelled { return look.leases }
      if look.isUnfinished { continue }
      let left = end - environment.time.monotonic
      if left <= .zero { return [] }
      // A due time that has come meanwhile is not waited for, but neither does it make the loop spin.
      let pause = min(left, Self.wakingTime, max(look.next ?? Self.wakingTime, .milliseconds(1)))
      await pushes.wait(after: seen, atMost: pause, on: environment.time)
    }
  }

  /// What a look for work came to.
  private struct Look: Sendable {
    let leases: [Lease]
    let next: Duration?
    let hasNewTimes: Bool
    let isUnfinished: Bool
  }

  private func isTimeToSweep() -> Bool {
    let now = environment.time.monotonic
    return lastSweep.withLock { last in
      guard now - last >= Self.sweepingTime else { return false }
      last = now
      return true
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
        SELECT queue, sum(waits), sum(leased), min(oldest) FROM (
          SELECT queue, (SELECT count(*) FROM waiting WHERE lane = lanes.id) AS waits, 0 AS leased,
            (SELECT due_at FROM waiting WHERE lane = lanes.id AND due_at <= ?1 ORDER BY due_at LIMIT 1) AS oldest
          FROM lanes
          UNION ALL SELECT queue, 0, 1, NULL FROM leases
        ) GROUP BY queue HAVING sum(waits) + sum(leased) > 0
        """
      ).rows([.moment(now)]) { row throws(DriverError) in
        QueueDepth(
          queue: QueueName(row.text(0)), waiting: Int(row.integer(1)), leased: Int(row.integer(2)),
          oldest: row.optionalInteger(3).map { now - Timestamp(milliseconds: $0) } ?? .zero)
      }
    }
  }

  public func open(_ epoch: Epoch, under controls: QueueControls) async throws(DriverError) {
    try await write { [known = self.controls] entries in
      guard try entries.epoch() < epoch else { return try Self.project(controls, known, entries) }
      for statement in Self.wiping { try entries.transaction.run(statement) }
      try known.replace(controls, in: entries.transaction)
      try entries.transaction.run("UPDATE meta SET value = ?1 WHERE key = 'queue_epoch'", .integer(epoch.rawValue))
    }
    pushes.raise()
  }

  public func project(_ controls: QueueControls) async throws(DriverError) {
    try await write { [known = self.controls] entries in try Self.project(controls, known, entries) }
    pushes.raise()
  }

  /// Takes controls, unless newer ones are known. What is held is looked at again.
  private static func project(
    _ controls: QueueControls, _ known: SQLiteControls, _ entries: SQLiteQueueEntries
  ) throws(DriverError) {
    guard try known.take(controls, in: entries.transaction) else { return }
    try entries.lanes.releaseAll()
    try entries.transaction.run("DELETE FROM wakes")
  }

  private static let wiping: [StaticString] = [
    "DELETE FROM waiting", "DELETE FROM leases", "DELETE FROM lanes", "DELETE FROM fair_keys",
    "DELETE FROM priorities", "DELETE FROM slots", "DELETE FROM buckets", "DELETE FROM wakes",
  ]

  private func write<Value: Sendable>(
    _ body: @escaping @Sendable (SQLiteQueueEntries) throws -> Value
  ) async throws(DriverError) -> Value {
    let moment = SQLiteMoment(environment.time)
    let (value, isNews) = try await database.write { transaction in
      let (now, news) = (try SQLiteQueueClock.now(moment, transaction, canWrite: true), SQLiteQueueNews())
      return (try body(SQLiteQueueEntries(transaction: transaction, now: now, news: news)), news.isThere)
    }
    if isNews { pushes.raise() }
    return value
  }
}
