import WorkerKit

/// What the keys of limits have used up, within one transaction: rows of those keys alone that are in use.
///
/// A slot is a row of `slots` beside its lease. A bucket that is full has no row. A row of `wakes` says from when on a
/// key may let something through again for which a lane waits.
struct SQLiteLimits {
  private let transaction: SQLiteTransaction
  private let now: Timestamp
  private let lanes: SQLiteLanes

  init(transaction: SQLiteTransaction, now: Timestamp, lanes: SQLiteLanes) {
    self.transaction = transaction
    self.now = now
    self.lanes = lanes
  }

  /// True where some job holds a slot.
  func hasSlots() throws(DriverError) -> Bool {
    try transaction.connection.statement("SELECT 1 FROM slots LIMIT 1")
      .one { row throws(DriverError) in row.integer(0) } != nil
  }

  /// Takes a slot of each key for a job.
  func take(_ keys: [LimitKey], for job: Int64) throws(DriverError) {
    for key in keys {
      try transaction.connection.statement(
        "INSERT OR IGNORE INTO slots (limit_name, limit_key, job) VALUES (?1, ?2, ?3)"
      ).run(key.values + [.integer(job)])
    }
  }

  /// Gives back a job's slots; true where somebody waits for one of them.
  func release(_ keys: [LimitKey], of job: Int64) throws(DriverError) -> Bool {
    var isAwaited = false
    for key in keys {
      try transaction.connection.statement(
        "DELETE FROM slots WHERE limit_name = ?1 AND limit_key = ?2 AND job = ?3"
      ).run(key.values + [.integer(job)])
      guard try lanes.isAwaited(key) else { continue }
      try wake(key, at: now)
      isAwaited = true
    }
    return isAwaited
  }

  /// How many jobs of a key are under way; counted up to `most`.
  func underWay(_ key: LimitKey, atMost most: Int) throws(DriverError) -> Int {
    try transaction.connection.statement(Self.slotsOfKey)
      .rows(key.values + [.integer(Int64(most))]) { row throws(DriverError) in Int(row.integer(0)) }.first ?? 0
  }

  /// When a key's bucket is full that is not, in microseconds.
  func full(_ key: LimitKey) throws(DriverError) -> Int64? {
    try transaction.connection.statement("SELECT full_at FROM buckets WHERE limit_name = ?1 AND limit_key = ?2")
      .rows(key.values) { row throws(DriverError) in row.integer(0) }.first
  }

  /// Draws from a key's bucket.
  func keep(_ key: LimitKey, full: Int64) throws(DriverError) {
    try transaction.connection.statement(
      "INSERT OR REPLACE INTO buckets (limit_name, limit_key, full_at) VALUES (?1, ?2, ?3)"
    ).run(key.values + [.integer(full)])
  }

  /// Forgets buckets that are full again.
  func forgetFull() throws(DriverError) {
    try transaction.run("DELETE FROM buckets WHERE full_at <= ?1", .integer(now.microseconds))
  }

  /// Lets lanes that wait for a key be looked at again from a moment on.
  func wake(_ key: LimitKey, at moment: Timestamp) throws(DriverError) {
    try transaction.connection.statement(
      """
      INSERT INTO wakes (limit_name, limit_key, at) VALUES (?1, ?2, ?3)
      ON CONFLICT DO UPDATE SET at = excluded.at WHERE excluded.at < at
      """
    ).run(key.values + [.moment(moment)])
  }

  /// Makes as many lanes ready as keys have room for whose time has come, of each key up to `most`; says how many.
  func wakeLanes(atMost most: Int, under controls: QueueControls) throws(DriverError) -> Int {
    let due = try transaction.connection.statement(Self.dueWakes).rows([.moment(now)]) { row throws(DriverError) in
      LimitKey(LimitName(row.text(0)), row.text(1))
    }
    var woken = 0
    for key in due {
      switch try room(key, under: controls) {
      case .some(let count):
        let found = try lanes.wake(key, atMost: min(most, count))
        woken += found
        // While lanes are left that wait, whoever was woken and cannot go leaves the next one a chance.
        if found < min(most, count) { try forget(key) }
      case .until(let moment):
        try transaction.connection.statement("UPDATE wakes SET at = ?3 WHERE limit_name = ?1 AND limit_key = ?2")
          .run(key.values + [.moment(Timestamp(notBefore: moment))])
      case .none: try forget(key)
      }
    }
    return woken
  }

  private enum Room {
    case some(Int)
    /// None before this moment, in microseconds.
    case until(Int64)
    /// None before a slot is freed.
    case none
  }

  private func room(_ key: LimitKey, under controls: QueueControls) throws(DriverError) -> Room {
    guard let rule = controls.limits[key.limit] else { return .some(.max) }
    var count = Int.max
    if let concurrency = rule.concurrency {
      count = concurrency - (try underWay(key, atMost: concurrency))
      guard count > 0 else { return .none }
    }
    if let rate = rule.rate {
      let full = try full(key) ?? now.microseconds
      count = min(count, rate.allowed(at: now.microseconds, full: full))
      guard count > 0 else { return .until(rate.next(after: full)) }
    }
    return .some(count)
  }

  private func forget(_ key: LimitKey) throws(DriverError) {
    try transaction.connection.statement("DELETE FROM wakes WHERE limit_name = ?1 AND limit_key = ?2").run(key.values)
  }

  static let slotsOfKey = SQLiteText(
    "SELECT count(*) FROM (SELECT 1 FROM slots WHERE limit_name = ?1 AND limit_key = ?2 LIMIT ?3)")
  static let dueWakes = SQLiteText("SELECT limit_name, limit_key FROM wakes WHERE at <= ?1 ORDER BY at LIMIT 64")
}
