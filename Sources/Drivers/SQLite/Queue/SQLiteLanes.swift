import WorkerKit

/// Fair keys and their lanes within one transaction: which of them have something that may be granted.
///
/// A lane whose last entry was granted stays ready for a while, so that jobs that come one by one do not make it anew
/// each time; leasing sees to it that such lanes are few, and leave (`remove`).
struct SQLiteLanes {
  private let transaction: SQLiteTransaction
  private let now: Timestamp
  private let known = Memo()

  init(transaction: SQLiteTransaction, now: Timestamp) {
    self.transaction = transaction
    self.now = now
  }

  /// Lanes that this transaction has seen to.
  private final class Memo {
    /// The lane, and from when on an entry's due time changes nothing about it.
    var lanes: [SQLiteLaneName: (id: Int64, settled: Int64)] = [:]
  }

  private struct Found {
    let id: Int64
    let fairKey: Int64
    let hold: SQLiteHold
    let until: Int64
  }

  /// The lane of this name, or nil where nothing can wait in it.
  func id(of name: SQLiteLaneName) throws(DriverError) -> Int64? { try find(name)?.id }

  /// The lane in which an entry is about to wait that is due at `due`; made where it is missing, and ready where the
  /// entry is.
  func enter(_ name: SQLiteLaneName, due: Int64) throws(DriverError) -> Int64 {
    if let lane = known.lanes[name], due >= lane.settled { return lane.id }
    let isDue = due <= now.milliseconds
    guard let found = try find(name) else {
      let id = try make(name, due: due)
      known.lanes[name] = (id, isDue ? .min : due)
      return id
    }
    var settled = Int64.min
    switch found.hold {
    case .ready where isDue: _ = try activate(found.fairKey)
    case .ready: settled = now.milliseconds + 1
    case .delayed where isDue: try release(found.id, of: found.fairKey)
    case .delayed:
      settled = min(due, found.until)
      if due < found.until {
        try transaction.run("UPDATE lanes SET until = ?2 WHERE id = ?1", .integer(found.id), .integer(due))
      }
    case .limited, .paused: break
    }
    known.lanes[name] = (found.id, settled)
    return found.id
  }

  /// Makes lanes of a queue ready whose entries have come due; says how many.
  func promote(_ queue: QueueName, atMost most: Int) throws(DriverError) -> Int {
    let due = try transaction.connection.statement(SQLiteLaneQueries.due).rows([
      .text(queue.rawValue), .moment(now), .integer(Int64(most)),
    ]) { row throws(DriverError) in (row.integer(0), row.integer(1)) }
    for (lane, fairKey) in due { try release(lane, of: fairKey) }
    return due.count
  }

  /// Makes up to `most` lanes ready that wait for a limit's key, those first whose turn is next; says how many.
  func wake(_ key: LimitKey, atMost most: Int) throws(DriverError) -> Int {
    struct Waiting {
      let (lane, fairKey, turn, pass): (Int64, Int64, Int64, Int64)
    }
    // A lane's turn is as old as its hold, and others of its fair key may have been served since: some more are looked
    // at than are wanted, and those whose turn is later by now are filed there.
    let waiting = try transaction.connection.statement(SQLiteLaneQueries.limited)
      .rows(key.values + [.integer(Int64(most + Self.lookahead))]) { row throws(DriverError) in
        Waiting(lane: row.integer(0), fairKey: row.integer(1), turn: row.integer(2), pass: row.integer(3))
      }.sorted { (max($0.turn, $0.pass), $0.lane) < (max($1.turn, $1.pass), $1.lane) }
    for lane in waiting.prefix(most) { try release(lane.lane, of: lane.fairKey) }
    for lane in waiting.dropFirst(most) where lane.pass > lane.turn {
      try transaction.run("UPDATE lanes SET turn = ?2 WHERE id = ?1", .integer(lane.lane), .integer(lane.pass))
    }
    return min(most, waiting.count)
  }

  private static let lookahead = 64

  /// True where a lane waits for a limit's key.
  func isAwaited(_ key: LimitKey) throws(DriverError) -> Bool {
    try transaction.connection.statement(
      "SELECT 1 FROM lanes WHERE limit_name = ?1 AND limit_key = ?2 AND hold = 2 LIMIT 1"
    ).rows(key.values) { row throws(DriverError) in row.integer(0) }.first != nil
  }

  /// Holds a lane of which nothing may be taken; where by a limit, by which of its keys.
  func hold(_ lane: Int64, as hold: SQLiteHold, until: Int64? = nil, by key: LimitKey? = nil) throws(DriverError) {
    try transaction.run(
      """
      UPDATE lanes SET hold = ?2, until = ?3, limit_name = ?4, limit_key = ?5,
        turn = (SELECT pass FROM fair_keys WHERE fair_keys.id = fair_key) WHERE id = ?1
      """, .integer(lane), .integer(hold.rawValue), until.map { .integer($0) } ?? .null,
      .optional(key?.limit.rawValue), .optional(key?.key))
  }

  /// Forgets a lane in which nothing waits.
  func remove(_ lane: Int64) throws(DriverError) {
    try transaction.run("DELETE FROM lanes WHERE id = ?1", .integer(lane))
  }

  /// Notes on a fair key what has become of its lanes.
  func settle(_ fairKey: Int64) throws(DriverError) {
    let standing = try transaction.connection.statement(
      """
      SELECT CASE WHEN EXISTS (SELECT 1 FROM lanes WHERE fair_key = ?1 AND hold = 0) THEN 1
        WHEN EXISTS (SELECT 1 FROM lanes WHERE fair_key = ?1) THEN 0 ELSE 2 END
      """
    ).first(.integer(fairKey)) { row throws(DriverError) in row.integer(0) }
    try transaction.run(
      "UPDATE fair_keys SET standing = ?2 WHERE id = ?1 AND standing <> ?2", .integer(fairKey),
      .integer(standing ?? SQLiteStanding.idle.rawValue))
  }

  /// Forgets the fair keys of a queue that have no lane any more and are not ahead of the others. Where nothing is left
  /// that could be, all begin anew.
  func forget(_ queue: QueueName) throws(DriverError) {
    for priority in Priority.allCases {
      let place: (SQLiteValue, SQLiteValue) = (.text(queue.rawValue), .integer(Int64(priority.rank)))
      let isLeft = try transaction.connection.statement(
        "SELECT 1 FROM fair_keys WHERE queue = ?1 AND priority = ?2 AND standing IN (0, 1) LIMIT 1"
      ).first(place.0, place.1) { row throws(DriverError) in row.integer(0) }
      if isLeft == nil {
        try transaction.run("DELETE FROM fair_keys WHERE queue = ?1 AND priority = ?2", place.0, place.1)
        try transaction.run("DELETE FROM priorities WHERE queue = ?1 AND priority = ?2", place.0, place.1)
      } else {
        try transaction.run(
          """
          DELETE FROM fair_keys WHERE queue = ?1 AND priority = ?2 AND standing = 2
            AND pass <= (SELECT served FROM priorities WHERE queue = ?1 AND priority = ?2)
          """, place.0, place.1)
      }
    }
  }

  /// Makes every lane ready that a limit or a pause holds.
  func releaseAll() throws(DriverError) {
    try transaction.run(
      """
      UPDATE fair_keys SET standing = 1, pass = max(pass, coalesce((SELECT served FROM priorities
        WHERE priorities.queue = fair_keys.queue AND priorities.priority = fair_keys.priority), 0))
      WHERE standing = 0 AND id IN (SELECT fair_key FROM lanes WHERE hold = 2 UNION
        SELECT fair_key FROM lanes WHERE hold = 3)
      """)
    try transaction.run("UPDATE lanes SET hold = 0 WHERE hold = 2")
    try transaction.run("UPDATE lanes SET hold = 0 WHERE hold = 3")
  }

  /// Makes a lane ready.
  private func release(_ lane: Int64, of fairKey: Int64) throws(DriverError) {
    let pass = try activate(fairKey)
    try transaction.run(
      "UPDATE lanes SET hold = 0, until = NULL, limit_name = NULL, limit_key = NULL, turn = ?2 WHERE id = ?1",
      .integer(lane), .integer(pass))
  }

  /// Makes a fair key ready; gives its pass. Who comes, or comes back, begins where the others are.
  private func activate(_ fairKey: Int64) throws(DriverError) -> Int64 {
    let found = try transaction.connection.statement(SQLiteLaneQueries.activity).first(.integer(fairKey)) {
      row throws(DriverError) in
      (pass: row.integer(0), standing: row.integer(1), served: row.integer(2), isActive: row.integer(3) != 0)
    }
    guard let found else { return 0 }
    let pass = found.isActive ? found.pass : max(found.pass, found.served)
    if pass != found.pass || found.standing != SQLiteStanding.ready.rawValue {
      try transaction.run(
        "UPDATE fair_keys SET standing = 1, pass = ?2 WHERE id = ?1", .integer(fairKey), .integer(pass))
    }
    return pass
  }

  private func find(_ name: SQLiteLaneName) throws(DriverError) -> Found? {
    let statement = try transaction.connection.statement(SQLiteLaneQueries.named)
    statement.bind(1, name.queue)
    statement.bind(2, name.priority)
    statement.bind(3, name.lane.fairKey)
    statement.bind(4, name.lane.tenant.rawValue)
    statement.bind(5, name.lane.pipeline.rawValue)
    statement.bind(6, name.lane.stage.rawValue)
    statement.bind(7, name.lane.storedFlow)
    return try statement.one { row throws(DriverError) in
      Found(
        id: row.integer(0), fairKey: row.integer(1), hold: SQLiteHold(rawValue: row.integer(2)) ?? .ready,
        until: row.integer(3))
    }
  }

  private func make(_ name: SQLiteLaneName, due: Int64) throws(DriverError) -> Int64 {
    let fairKey = try fairKey(name)
    let isDue = due <= now.milliseconds
    var turn: Int64 = 0
    if isDue { turn = try activate(fairKey) }
    try transaction.run(
      """
      INSERT INTO lanes (fair_key, queue, tenant, pipeline, stage, flow, turn, hold, until)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
      """, .integer(fairKey), .text(name.queue), .text(name.lane.tenant.rawValue),
      .text(name.lane.pipeline.rawValue), .text(name.lane.stage.rawValue), .bytes(name.lane.storedFlow),
      .integer(turn), .integer((isDue ? SQLiteHold.ready : .delayed).rawValue), isDue ? .null : .integer(due))
    return transaction.connection.lastInsertedRow
  }

  private func fairKey(_ name: SQLiteLaneName) throws(DriverError) -> Int64 {
    let values: [SQLiteValue] = [.text(name.queue), .integer(name.priority), .text(name.lane.fairKey)]
    let found = try transaction.connection.statement(
      "SELECT id, standing FROM fair_keys WHERE queue = ?1 AND priority = ?2 AND name = ?3"
    ).rows(values) { row throws(DriverError) in (row.integer(0), row.integer(1)) }.first
    if let (id, standing) = found {
      if standing == SQLiteStanding.idle.rawValue {
        try transaction.run("UPDATE fair_keys SET standing = 0 WHERE id = ?1", .integer(id))
      }
      return id
    }
    try transaction.connection.statement(
      """
      INSERT INTO fair_keys (queue, priority, name, standing, pass) VALUES (?1, ?2, ?3, 0,
        coalesce((SELECT served FROM priorities WHERE queue = ?1 AND priority = ?2), 0))
      """
    ).run(values)
    return transaction.connection.lastInsertedRow
  }
}
