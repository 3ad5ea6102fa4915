public import WorkerKit

extension PostgresStore {
  public func pause(
    _ scopes: [PauseScope], by: String, reason: String
  ) async throws(DriverError) -> [PauseAnswer] {
    try await write { transaction, now in
      let pauses = PostgresPauses(transaction: transaction, now: now)
      let changed = try pauses.change(scopes, .pause, by: by, reason: reason) { scope throws(DriverError) in
        try transaction.run(
          "INSERT INTO pauses (scope, at, who, reason) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
          [.text(scope), .moment(now), .text(by), .text(reason)]) == 1
      }
      return changed.map { $0 ? .paused : .known }
    }
  }

  public func resume(
    _ scopes: [PauseScope], by: String, reason: String
  ) async throws(DriverError) -> [ResumeAnswer] {
    try await write { transaction, now in
      let pauses = PostgresPauses(transaction: transaction, now: now)
      let changed = try pauses.change(scopes, .resume, by: by, reason: reason) { scope throws(DriverError) in
        try transaction.run("DELETE FROM pauses WHERE scope = $1", [.text(scope)]) == 1
      }
      return changed.map { $0 ? .resumed : .missing }
    }
  }

  public func pauses() async throws(DriverError) -> Pauses {
    try await pool.read { transaction in
      // One statement, so that version and rows are of one moment.
      let rows = try transaction.rows(
        """
        SELECT m.value, p.scope, p.at, p.who, p.reason FROM meta m LEFT JOIN pauses p ON true WHERE m.key = 'pauses'
        """)
      let pauses = try rows.map { row throws(DriverError) -> Pause? in
        guard let scope = row.optionalText(1) else { return nil }
        return try Pause(stored: scope, at: row.moment(2), by: row.text(3), reason: row.text(4))
      }
      return Pauses(version: rows.count > 0 ? rows.integer(0, 0) : 0, pauses.compactMap(\.self))
    }
  }

  public func pauseDeeds(before: Int64?, limit: Int) async throws(DriverError) -> [PauseDeed] {
    try await pool.read { transaction in
      try transaction.rows(
        """
        SELECT sequence, at, who, action, scope, reason FROM audit WHERE scope IS NOT NULL AND sequence < $1
        ORDER BY sequence DESC LIMIT $2
        """, [.integer(before ?? .max), .integer(Int64(max(0, limit)))]
      ).map { row throws(DriverError) in
        try PauseDeed(
          number: row.integer(0), at: row.moment(1), by: row.text(2), action: row.text(3), stored: row.text(4),
          reason: row.text(5))
      }
    }
  }
}

/// Writes of the table of pauses, within one transaction.
private struct PostgresPauses {
  let transaction: PostgresTransaction
  let now: Timestamp

  /// Changes scopes one after the other, notes each that was changed, and counts one more version where any was.
  func change(
    _ scopes: [PauseScope], _ action: PauseDeed.Action, by: String, reason: String,
    _ body: (String) throws(DriverError) -> Bool
  ) throws(DriverError) -> [Bool] {
    guard !scopes.isEmpty else { return [] }
    // Whoever changes something waits here for the others, so that versions are committed in their order.
    _ = try transaction.rows("SELECT value FROM meta WHERE key = 'pauses' FOR UPDATE")
    var changed: [Bool] = []
    for scope in scopes.map(\.description) {
      let isChanged = try body(scope)
      if isChanged {
        try transaction.run(
          "INSERT INTO audit (at, who, action, scope, reason) VALUES ($1, $2, $3, $4, $5)",
          [.moment(now), .text(by), .text(action.rawValue), .text(scope), .text(reason)])
      }
      changed.append(isChanged)
    }
    if changed.contains(true) { try transaction.run("UPDATE meta SET value = value + 1 WHERE key = 'pauses'") }
    return changed
  }
}
