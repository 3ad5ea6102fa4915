import WorkerKit

/// Grants leases within one transaction: reads the lanes whose turn is next, lets `TurnTable` decide, and writes down
/// what has changed.
struct SQLiteLeasing {
  let entries: SQLiteQueueEntries
  let controls: QueueControls
  let request: LeaseRequest
  /// Whether lanes in which nothing waits leave, however few they are.
  let sweeps: Bool
  /// What was granted so far.
  private(set) var granted: [(entry: SQLiteQueueEntries.Ready, flow: [UInt8]?)] = []
  /// True where lanes are left that were not looked at: this transaction has taken long enough.
  private(set) var isUnfinished = false
  /// True where a time to look again has come up, which others who wait do not know of.
  private(set) var hasNewTimes = false
  private var hasForgotten = false

  init(entries: SQLiteQueueEntries, controls: QueueControls, request: LeaseRequest, sweeps: Bool) {
    self.entries = entries
    self.controls = controls
    self.request = request
    self.sweeps = sweeps
  }

  /// How many looks at lanes one transaction takes.
  private static let looks = 32
  /// How many lanes in which nothing waits may stay.
  private static let spare = 32

  private var transaction: SQLiteTransaction { entries.transaction }
  private var now: Timestamp { entries.now }
  private var left: Int { request.limit - granted.count }

  /// Grants up to as many leases as are asked for; their holders are `token` and a number.
  mutating func lease(token: String) throws(DriverError) -> [Lease] {
    guard !controls.isPaused(request.queue) else { return [] }
    try draw()
    if sweeps { try entries.limits.forgetFull() }
    if sweeps || hasForgotten { try entries.lanes.forget(request.queue) }
    let epoch = try entries.epoch()
    var leases: [Lease] = []
    for (entry, flow) in granted {
      let (holder, length) = (Holder("\(token).\(leases.count)"), entry.length ?? request.length)
      try entries.grant(entry, to: holder, queue: request.queue, until: now + length, flow: flow)
      leases.append(
        Lease(
          authority: Authority(job: entry.job, epoch: epoch, fence: entry.fence, holder: holder),
          queue: request.queue, length: length))
    }
    return leases
  }

  /// How long until something may be granted that may not yet; nil where nobody knows.
  func next() throws(DriverError) -> Duration? {
    guard !controls.isPaused(request.queue) else { return nil }
    if isUnfinished { return .zero }
    let moment = try transaction.connection.statement(SQLiteLaneQueries.nextDue)
      .first(.text(request.queue.rawValue)) { row throws(DriverError) in row.optionalInteger(0) }
    return (moment ?? nil).map { max(.zero, Timestamp(milliseconds: $0) - now) }
  }

  private mutating func draw() throws(DriverError) {
    for _ in 0..<Self.looks {
      let most = left * 2 + Self.spare
      let promoted = try entries.lanes.promote(request.queue, atMost: most)
      let woken = try entries.limits.wakeLanes(atMost: left, under: controls)
      let isLast = try look()
      if left == 0 || isLast && promoted < most && woken == 0 { return }
    }
    isUnfinished = true
  }

  /// Looks at the lanes whose turn is next, and takes what they may give; true where no more is to be had from those
  /// that are ready.
  private mutating func look() throws(DriverError) -> Bool {
    var reading = SQLiteLaneReading(transaction: transaction, now: now, queue: request.queue, wanted: left)
    while true {
      let view = try reading.read()
      let before = try table(of: view)
      var table = before
      let takes = table.take(left)
      let isCutShort = view.isCutShort(as: table.lanes)
      // Where something has given all that was read of it, others may have had what is its own.
      if isCutShort, takes.reduce(0, { $0 + $1.count }) == left, reading.readMore() { continue }
      try take(takes, from: view)
      try keep(table, before: before, view)
      try hold(table, view)
      return view.isWhole && !isCutShort
    }
  }

  private func table(of view: SQLiteLaneView) throws(DriverError) -> TurnTable {
    var table = TurnTable(now: now.microseconds, controls: controls, lanes: view.lanes.map(\.standing))
    for (priority, standing) in view.priorities {
      table.served[priority] = standing.served
      table.passedOver[priority] = standing.passedOver
    }
    for key in Set(view.lanes.flatMap(\.standing.lane.limits)) {
      guard let rule = controls.limits[key.limit] else { continue }
      if let most = rule.concurrency { table.underWay[key] = try entries.limits.underWay(key, atMost: most) }
      if rule.rate != nil { table.full[key] = try entries.limits.full(key) }
    }
    return table
  }

  /// Takes entries out of what waits. Those of a lane are the first of a range, which goes in one statement.
  private mutating func take(_ takes: [TurnTable.Take], from view: SQLiteLaneView) throws(DriverError) {
    var taken = [Int](repeating: 0, count: view.lanes.count)
    for take in takes {
      let lane = view.lanes[Int(take.lane)]
      let (limits, flow) = (lane.standing.lane.limits, lane.standing.lane.storedLimits)
      for entry in lane.ready[taken[Int(take.lane)]...].prefix(take.count) {
        granted.append((entry, flow))
        if !limits.isEmpty { try entries.limits.take(limits, for: entry.row) }
      }
      taken[Int(take.lane)] += take.count
    }
    for (lane, count) in zip(view.lanes, taken) where count > 0 {
      let last = lane.ready[count - 1]
      try transaction.run(
        "DELETE FROM waiting WHERE lane = ?1 AND (due_at, job) <= (?2, ?3)", .integer(lane.id), .integer(last.due),
        .integer(last.row))
    }
  }

  /// Writes down what a table has noted of turns and buckets.
  private func keep(_ table: TurnTable, before: TurnTable, _ view: SQLiteLaneView) throws(DriverError) {
    for (key, full) in table.full where before.full[key] != full { try entries.limits.keep(key, full: full) }
    for (lane, after) in zip(view.lanes, table.lanes) {
      guard after.pass != lane.standing.pass, !view.alone.contains(after.priority) else { continue }
      if lane.isFirst {
        try transaction.run(
          "UPDATE fair_keys SET pass = ?2 WHERE id = ?1", .integer(lane.fairKey), .integer(after.pass))
      }
      if lane.hasNeighbours, after.available != lane.standing.available {
        try transaction.run("UPDATE lanes SET turn = ?2 WHERE id = ?1", .integer(lane.id), .integer(after.pass))
      }
    }
    for (priority, standing) in view.priorities {
      let after = SQLitePriorityStanding(
        served: table.served[priority, default: 0], passedOver: table.passedOver[priority, default: 0])
      guard after != standing else { continue }
      try transaction.run(
        "INSERT OR REPLACE INTO priorities (queue, priority, served, passed_over) VALUES (?1, ?2, ?3, ?4)",
        .text(request.queue.rawValue), .integer(Int64(priority.rank)), .integer(after.served),
        .integer(Int64(after.passedOver)))
    }
  }

  /// Holds lanes that may give nothing, and lets those leave in which nothing waits.
  private mutating func hold(_ table: TurnTable, _ view: SQLiteLaneView) throws(DriverError) {
    var changed: Set<Int64> = []
    for (lane, after) in zip(view.lanes, table.lanes) {
      guard let hold = after.hold else { continue }
      changed.insert(lane.fairKey)
      switch hold {
      case .paused: try entries.lanes.hold(lane.id, as: .paused)
      case .slot(let key): try entries.lanes.hold(lane.id, as: .limited, by: key)
      case .until(let moment):
        let key = after.lane.limits.first { key in
          controls.limits[key.limit]?.rate?.next(after: table.full[key] ?? 0) == moment
        }
        guard let key else { continue }
        try entries.lanes.hold(lane.id, as: .limited, by: key)
        try entries.limits.wake(key, at: Timestamp(notBefore: moment))
        hasNewTimes = true
      }
    }
    let leaves = sweeps || !view.isWhole || view.idle.count > Self.spare
    for lane in view.idle {
      if let next = lane.next {
        try entries.lanes.hold(lane.id, as: .delayed, until: next)
        hasNewTimes = true
      } else if leaves {
        try entries.lanes.remove(lane.id)
        hasForgotten = true
      } else {
        continue
      }
      changed.insert(lane.fairKey)
    }
    for fairKey in changed { try entries.lanes.settle(fairKey) }
  }
}
