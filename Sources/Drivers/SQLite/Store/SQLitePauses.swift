public import WorkerKit

extension SQLiteStore {
  public func pause(
    _ scopes: [PauseScope], by: String, reason: String
  ) async throws(DriverError) -> [PauseAnswer] {
    let now = SQLiteValue.moment(environment.time.now)
    return try await database.write { transaction in
      let pauses = SQLitePauses(transaction: transaction, now: now)
      let changed = try pauses.change(scopes, .pause, by: by, reason: reason) { scope throws(DriverError) in
        try transaction.run(
          "INSERT INTO pauses (scope, at, who, reason) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
          scope, now, .text(by), .text(reason)) == 1
      }
      return changed.map { $0 ? .paused : .known }
    }
  }

  public func resume(
    _ scopes: [PauseScope], by: String, reason: String
  ) async throws(DriverError) -> [ResumeAnswer] {
    let now = SQLiteValue.moment(environment.time.now)
    return try await database.write { transaction in
      let pauses = SQLitePauses(transaction: transaction, now: now)
      let changed = try pauses.change(scopes, .resume, by: by, reason: reason) { scope throws(DriverError) in
        try transaction.run("DELETE FROM pauses WHERE scope = ?1", scope) == 1
      }
      return changed.map { $0 ? .resumed : .missing }
    }
  }

  public func pauses() async throws(DriverError) -> Pauses {
    try await database.read { transaction in
      let connection = transaction.connection
      let version = try connection.statement("SELECT value FROM meta WHERE key = 'pauses'")
        .first { row throws(DriverError) in row.integer(0) }
      let pauses = try connection.statement("SELECT scope, at, who, reason FROM pauses").rows([]) {
        row throws(DriverError) in
        try Pause(
          stored: row.text(0), at: Timestamp(milliseconds: row.integer(1)), by: row.text(2), reason: row.text(3))
      }
      return Pauses(version: version ?? 0, pauses)
    }
  }

  public func pauseDeeds(before: Int64?, limit: Int) async throws(DriverError) -> [PauseDeed] {
    try await database.read { transaction in
      try transaction.connection.statement(SQLitePauses.deeds).rows([
        .integer(before ?? .max), .integer(Int64(max(0, limit))),
      ]) { row throws(DriverError) in
        try PauseDeed(
          number: row.integer(0), at: Timestamp(milliseconds: row.integer(1)), by: row.text(2), action: row.text(3),
          stored: row.text(4), reason: row.text(5))
      }
    }
  }
}

/// Writes of the table of pauses, within one transaction.
struct SQLitePauses {
  fileprivate let transaction: SQLiteTransaction
  fileprivate let now: SQLiteValue

  static let deeds = SQLiteText(
    """
    SELECT sequence, at, who, action, scope, reason FROM audit WHERE scope IS NOT NULL AND sequence < ?1
    ORDER BY sequence DESC LIMIT ?2
    """)

  /// Does `body` to each scope; those of which it says that they changed are noted, and raise the version.
  fileprivate func change(
    _ scopes: [PauseScope], _ action: PauseDeed.Action, by: String, reason: String,
    _ body: (SQLiteValue) throws(DriverError) -> Bool
  ) throws(DriverError) -> [Bool] {
    var changed: [Bool] = []
    for scope in scopes.map({ SQLiteValue.text($0.description) }) {
      let isChanged = try body(scope)
      if isChanged {
        try transaction.run(
          "INSERT INTO audit (at, who, action, scope, reason) VALUES (?1, ?2, ?3, ?4, ?5)", now, .text(by),
          .text(action.rawValue), scope, .text(reason))
      }
      changed.append(isChanged)
    }
    if changed.contains(true) { try transaction.run("UPDATE meta SET value = value + 1 WHERE key = 'pauses'") }
    return changed
  }
}
