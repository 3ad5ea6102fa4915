public import WorkerKit

/// Which events have been routed, within one transaction: all up to a bound, but for those kept aside.
struct SQLiteRouting {
  /// Events that wait, as they were read.
  struct Waiting: Sendable {
    /// The last event that was looked at before these.
    let bound: Int64
    /// Those kept aside, and then events after the bound, all of them up to the last.
    let events: [(sequence: Int64, content: Content)]

    var isEmpty: Bool { events.isEmpty }
    /// The bound after these.
    var next: Int64 { events.map(\.sequence).max().map { max($0, bound) } ?? bound }
  }

  /// An event as it was found.
  enum Content: Sendable {
    /// Recorded a moment ago by this process.
    case known(EventEnvelope)
    case stored([UInt8])

    var envelope: EventEnvelope? {
      switch self {
      case .known(let envelope): envelope
      case .stored(let bytes): try? EventEnvelope.restore(bytes)
      }
    }
  }

  let transaction: SQLiteTransaction
  let now: Timestamp

  /// When an event of `events` was routed, or NULL, where `unplanned` is joined to it.
  static let moment = """
    CASE
      WHEN events.sequence > (SELECT value FROM meta WHERE key = 'routed') THEN NULL
      WHEN unplanned.event IS NOT NULL THEN unplanned.routed_at
      ELSE (SELECT at FROM routings WHERE first <= events.sequence ORDER BY first DESC LIMIT 1)
    END
    """
  /// Joins what `moment` needs.
  static let tables = "events LEFT JOIN unplanned ON unplanned.event = events.sequence"

  /// The number of the last event, or of the last that was routed, whichever is greater.
  static func last(_ transaction: SQLiteTransaction) throws(DriverError) -> Int64 {
    try transaction.connection.statement(
      "SELECT max(coalesce(max(sequence), 0), (SELECT value FROM meta WHERE key = 'routed')) FROM events"
    ).one { row throws(DriverError) in row.integer(0) } ?? 0
  }

  static func bound(_ transaction: SQLiteTransaction) throws(DriverError) -> Int64 {
    try transaction.connection.statement("SELECT value FROM meta WHERE key = 'routed'")
      .one { row throws(DriverError) in row.integer(0) } ?? 0
  }

  /// How many events wait to be routed.
  static func count(_ transaction: SQLiteTransaction) throws(DriverError) -> Int {
    let aside =
      try transaction.connection.statement("SELECT count(*) FROM unplanned WHERE routed_at IS NULL")
      .one { row throws(DriverError) in row.integer(0) } ?? 0
    return Int(try last(transaction) - bound(transaction) + aside)
  }

  /// The oldest events that nobody has looked at; where there are fewer than `limit`, also what was kept aside.
  static func waiting(
    limit: Int, _ transaction: SQLiteTransaction, recent: SQLiteRecentEvents
  ) throws(DriverError) -> Waiting {
    let bound = try bound(transaction)
    recent.forget(upTo: bound)
    let fresh = try transaction.connection.statement(
      "SELECT sequence, envelope FROM events WHERE sequence > ?1 ORDER BY sequence LIMIT ?2"
    ).rows([.integer(bound), .integer(Int64(limit))]) { row throws(DriverError) in
      let sequence = row.integer(0)
      return (sequence, recent.take(sequence).map { Content.known($0) } ?? .stored(row.bytes(1)))
    }
    guard fresh.count < limit else { return Waiting(bound: bound, events: fresh) }
    let aside = try transaction.connection.statement(
      """
      SELECT sequence, envelope FROM unplanned CROSS JOIN events ON sequence = event WHERE routed_at IS NULL
      ORDER BY event LIMIT ?1
      """
    ).rows([.integer(Int64(limit - fresh.count))]) { row throws(DriverError) in
      (row.integer(0), Content.stored(row.bytes(1)))
    }
    return Waiting(bound: bound, events: aside + fresh)
  }

  /// Moves the bound; false, and nothing has changed, when another has moved it since `waiting` was read.
  func advance(over waiting: Waiting) throws(DriverError) -> Bool {
    guard try Self.bound(transaction) == waiting.bound else { return false }
    guard waiting.next > waiting.bound else { return true }
    try transaction.run("UPDATE meta SET value = ?1 WHERE key = 'routed'", .integer(waiting.next))
    try transaction.run(
      "INSERT INTO routings (first, last, at) VALUES (?1, ?2, ?3)", .integer(waiting.bound + 1),
      .integer(waiting.next), .moment(now))
    return true
  }

  /// Keeps an event aside that cannot be planned; gives its id.
  func keepAside(_ event: Int64) throws(DriverError) -> EventID {
    try transaction.run("INSERT INTO unplanned (event) VALUES (?1) ON CONFLICT DO NOTHING", .integer(event))
    let id = try transaction.connection.statement("SELECT id FROM events WHERE sequence = ?1")
      .first(.integer(event)) { row throws(DriverError) in row.text(0) }
    return EventID(id ?? "")
  }

  /// Takes an event back that was kept aside; false where another has done it.
  func takeBack(_ event: Int64) throws(DriverError) -> Bool {
    try transaction.run(
      "UPDATE unplanned SET routed_at = ?2 WHERE event = ?1 AND routed_at IS NULL", .integer(event), .moment(now)) == 1
  }
}

extension SQLiteStore {
  public func route(
    limit: Int, plan: @escaping RoutePlanner, next: @escaping SettlePlanner
  ) async throws(DriverError) -> RouteResult {
    while true {
      let waiting = try await database.read { [recent] transaction in
        try SQLiteRouting.waiting(limit: limit, transaction, recent: recent)
      }
      guard !waiting.isEmpty else { return RouteResult(routed: 0, jobs: 0, handoff: nil) }
      // Planned outside the transaction, in which nobody else could write; what another has routed meanwhile is
      // planned in vain.
      let planned = await PlannedEvent.plan(waiting.events, by: plan)
      let result = try await write { transaction, handover in
        try Self.keep(planned, of: waiting, next, transaction, handover)
      }
      if let result { return result }
    }
  }

  /// Keeps what was planned, and what follows from it; nil when another has routed meanwhile.
  private static func keep(
    _ planned: [PlannedEvent], of waiting: SQLiteRouting.Waiting, _ next: SettlePlanner,
    _ transaction: SQLiteTransaction, _ handover: SQLiteHandover
  ) throws -> RouteResult? {
    let routing = SQLiteRouting(transaction: transaction, now: handover.now)
    guard try routing.advance(over: waiting) else { return nil }
    let runs = try SQLiteRuns(transaction: transaction, handover: handover)
    var work = SQLiteRunWork(transaction: transaction, handover: handover)
    var (failed, routed, jobs): ([EventID], Int, Int) = ([], 0, 0)
    for planned in planned {
      guard let plan = planned.plan else {
        failed.append(try routing.keepAside(planned.sequence))
        continue
      }
      if planned.sequence <= waiting.bound, try !routing.takeBack(planned.sequence) { continue }
      for ordinal in plan.runs.indices {
        let outcome = try runs.create(
          plan.runs[ordinal], ordinal: Int64(ordinal), for: plan.event, sequence: planned.sequence)
        jobs += outcome.entries.count + outcome.ordered.count
        try work.take(outcome)
      }
      routed += 1
    }
    try work.advance(plan: next)
    let handoff = try handover.handOver(work.entries)
    return RouteResult(routed: routed, jobs: jobs, handoff: handoff, failed: failed, ended: work.ended)
  }
}

/// An event with the runs that it starts, or without, where it could not be planned.
private struct PlannedEvent: Sendable {
  let sequence: Int64
  let plan: (event: EventEnvelope, runs: [NewRun])?

  /// How many events make a second task worth while.
  private static let share = 64

  /// Plans all, in order, on as many processors as are free.
  static func plan(
    _ waiting: [(sequence: Int64, content: SQLiteRouting.Content)], by plan: @escaping RoutePlanner
  ) async -> [PlannedEvent] {
    guard waiting.count > share else { return waiting.map { PlannedEvent($0.sequence, $0.content, plan) } }
    return await withTaskGroup(of: (Int, [PlannedEvent]).self) { group in
      for start in stride(from: 0, to: waiting.count, by: share) {
        let part = waiting[start..<min(start + share, waiting.count)]
        group.addTask { (start, part.map { PlannedEvent($0.sequence, $0.content, plan) }) }
      }
      var parts: [(Int, [PlannedEvent])] = []
      for await part in group { parts.append(part) }
      return parts.sorted { $0.0 < $1.0 }.flatMap(\.1)
    }
  }

  private init(_ sequence: Int64, _ content: SQLiteRouting.Content, _ plan: RoutePlanner) {
    self.sequence = sequence
    guard let event = content.envelope, let runs = try? plan(event), RowNumbers.hold(runs) else {
      self.plan = nil
      return
    }
    self.plan = (event, runs)
  }
}
