public import WorkerKit

extension PostgresStore {
  public func route(
    limit: Int, plan: @escaping RoutePlanner, next: @escaping SettlePlanner
  ) async throws(DriverError) -> RouteResult {
    let bounds = unrouted.bounds(at: environment.time.monotonic)
    let (result, last, looked) = try await write { transaction, now in
      let routing = PostgresRouting(transaction: transaction, now: now)
      let (waiting, looked) = try routing.waiting(limit: limit, within: bounds)
      guard !waiting.isEmpty else { return (RouteResult(routed: 0, jobs: 0, handoff: nil), Int64(0), looked) }
      let (result, last) = try routing.keep(waiting.map { PlannedEvent($0, plan) }, next: next)
      return (result, last, looked)
    }
    unrouted.note(looked)
    await preparePartitions(for: last)
    return result
  }
}

/// Routes events within one transaction: one router at a time, so that turns are taken in the order of acceptance.
struct PostgresRouting {
  let transaction: PostgresTransaction
  let now: Timestamp

  /// The oldest events that nobody has looked at; where there are fewer than `limit`, also what was kept aside.
  ///
  /// What waits is found by its marks and never by a cursor: an event that was committed late has a smaller number than
  /// others that were routed before. Who draws numbers has been seen by the snapshot before it: `PostgresEvents.begin`.
  func waiting(
    limit: Int, within bounds: OutboxBounds
  ) throws(DriverError) -> (events: [WaitingEvent], looked: UnroutedBounds.Look) {
    let seen = try transaction.pipeline([
      PostgresLocks.exclusive(.routing), (Self.newest, []), (OutboxBatch.snapshot, []),
    ])
    let (newest, running) = (seen[1].integer(0, 0), Set((0..<seen[2].count).map { seen[2].text($0, 0) }))
    let first = bounds.start(running: running)
    let fresh = try transaction.rows(Self.marked, [.integer(first), .integer(Int64(limit))]).map {
      row throws(DriverError) in WaitingEvent(row, isAside: false)
    }
    // Of what came after `newest` was read, not everything need have been seen.
    let last = fresh.count < limit ? newest : min(newest, fresh.last?.sequence ?? 0)
    let look = UnroutedBounds.Look(first: first, last: last, running: running)
    guard fresh.count < limit else { return (fresh, look) }
    let aside = try transaction.rows(Self.kept, [.integer(Int64(limit - fresh.count))]).map { row throws(DriverError) in
      WaitingEvent(row, isAside: true)
    }
    return (fresh + aside, look)
  }

  /// Keeps what was planned, and what follows from it.
  func keep(_ planned: [PlannedEvent], next: SettlePlanner) throws -> (RouteResult, Int64) {
    var (writes, turns) = (PostgresWrites(), [(line: OrderingKey, run: RunID)]())
    var entered: [(line: OrderingKey, run: RunID)] = []
    // What was kept aside is older than the rest, and comes after it.
    let isMixed = planned.contains { $0.waiting.isAside }
    for event in isMixed ? planned.sorted(by: { $0.waiting.sequence < $1.waiting.sequence }) : planned {
      guard let (envelope, runs) = event.plan else { continue }
      for (ordinal, new) in runs.enumerated() {
        let run = StoredRun(new, RowNumbers.firstRun(of: event.waiting.sequence) + Int64(ordinal), envelope.tenant)
        try writes.create(new, as: run, for: envelope)
        entered += new.turns.map { (run.line($0), run.id) }
        turns += new.plan.freed.map { (run.line($0), run.id) }
      }
    }
    var work = PostgresRunWork(transaction, at: now)
    let written = try writes.write(transaction, at: now, beside: marks(planned))
    for (line, run) in entered { try work.rows.enter(line, run: run) }
    try work.take(written, freeing: turns)
    try work.advance(plan: next)
    let handoff = try PostgresHandover.handOver(work.entries, transaction, at: now)
    let failed = planned.filter { $0.plan == nil }.map(\.waiting.id)
    let result = RouteResult(
      routed: planned.count - failed.count, jobs: written.jobs.count, handoff: handoff, failed: failed,
      ended: try work.endedJobs())
    return (result, max(written.lastEvent, work.lastEvent))
  }

  /// Takes away the marks of what was planned, keeps aside what cannot be, and notes when it was.
  private func marks(_ planned: [PlannedEvent]) -> [PostgresCall] {
    func numbers(_ isWanted: (PlannedEvent) -> Bool) -> PostgresValue {
      .integers(planned.filter(isWanted).map(\.waiting.sequence).sorted())
    }
    let aside = planned.filter { $0.waiting.isAside && $0.plan != nil }.map(\.waiting.sequence)
    let fresh = planned.filter { !$0.waiting.isAside }.map(\.waiting.sequence)
    var calls: [PostgresCall] = [
      (Self.unmark, [.boolean(false), numbers { !$0.waiting.isAside && $0.plan != nil }])
    ]
    if !aside.isEmpty { calls.append((Self.unmark, [.boolean(true), .integers(aside)])) }
    if planned.contains(where: { !$0.waiting.isAside && $0.plan == nil }) {
      calls.append(
        (
          "UPDATE unrouted SET aside = true WHERE NOT aside AND event = ANY($1)",
          [numbers { !$0.waiting.isAside && $0.plan == nil }]
        ))
    }
    var ranges = aside.map { ($0, $0) }
    if let first = fresh.min(), let last = fresh.max() { ranges.append((first, last)) }
    calls.append(
      (
        "INSERT INTO routings (first, last, at) SELECT u.*, $3::bigint FROM unnest($1::bigint[], $2::bigint[]) AS u",
        [.integers(ranges.map(\.0)), .integers(ranges.map(\.1)), .moment(now)]
      ))
    return calls
  }

  static let unmark = "DELETE FROM unrouted WHERE aside = $1 AND event = ANY($2)"
  private static let newest = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM event_sequence"
  static let marked = """
    SELECT sequence, id, envelope FROM events WHERE sequence = ANY(ARRAY(
      SELECT event FROM unrouted WHERE aside = false AND event >= $1 ORDER BY event LIMIT $2)) ORDER BY sequence
    """
  static let kept = """
    SELECT sequence, id, envelope FROM events WHERE sequence = ANY(ARRAY(
      SELECT event FROM unrouted WHERE aside = true ORDER BY event LIMIT $1)) ORDER BY sequence
    """
}

/// An event that waits to be routed.
struct WaitingEvent {
  let sequence: Int64
  let id: EventID
  let bytes: [UInt8]
  /// True where it could not be planned before.
  let isAside: Bool

  init(_ row: PostgresRow, isAside: Bool) {
    sequence = row.integer(0)
    id = EventID(row.text(1))
    bytes = row.bytes(2)
    self.isAside = isAside
  }
}

/// An event with the runs that it starts, or without, where it could not be planned.
struct PlannedEvent {
  let waiting: WaitingEvent
  let plan: (event: EventEnvelope, runs: [NewRun])?

  init(_ waiting: WaitingEvent, _ plan: RoutePlanner) {
    self.waiting = waiting
    guard let event = try? EventEnvelope.restore(waiting.bytes), let runs = try? plan(event), RowNumbers.hold(runs)
    else {
      self.plan = nil
      return
    }
    self.plan = (event, runs)
  }
}

/// When events were routed.
enum PostgresRoutings {
  /// When an event of `e` was routed, or NULL. Of batches that overlap, because one had an event that was committed
  /// late, the one that begins nearest counts.
  static let moment = """
    CASE
      WHEN EXISTS (SELECT 1 FROM unrouted WHERE NOT aside AND event = e.sequence) THEN NULL
      WHEN EXISTS (SELECT 1 FROM unrouted WHERE aside AND event = e.sequence) THEN NULL
      ELSE (
        SELECT at FROM routings WHERE first <= e.sequence AND last >= e.sequence ORDER BY first DESC, last LIMIT 1)
    END
    """
}
