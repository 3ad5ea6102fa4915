import WorkerKit

/// The turns of one queue while its leases are granted: what was read of them, what `TurnTable` makes of it, and what
/// is to be written for that.
///
/// A turn is a fair key's in one priority and has lanes. It is ready while one of its lanes is; what is not ready has
/// the time at which it may be, or nil. A lane that is looked at and has nothing to give is put off then, not before.
struct PostgresTurns {
  /// So many of the oldest entries of a lane.
  struct Take {
    let lane: Int64
    let count: Int
  }

  private struct Row {
    let turn: Int64
    let lane: Int64
    let standing: LaneStanding
  }

  private let queue: QueueName
  private var served: [Priority: Int64] = [:]
  private var passedOver: [Priority: Int] = [:]
  /// Keys of which a slot was freed that a lane waits for, and how many slots they have.
  private var marked: [Int64: Int64?] = [:]
  private var rows: [Row] = []
  /// Turns of which no lane can be taken from.
  private var idle: Set<Int64> = []
  private var table: TurnTable?
  private var before: TurnTable?

  init(_ queue: QueueName, served: PostgresRows, marked: PostgresRows) throws(DriverError) {
    self.queue = queue
    if let row = served.first {
      self.served = [.high: row.integer(0), .normal: row.integer(1), .low: row.integer(2)]
      passedOver = [.normal: Int(row.integer(3)), .low: Int(row.integer(4))]
    }
    for index in 0..<marked.count {
      let row = PostgresRow(rows: marked, index: index)
      self.marked.updateValue(row.optionalInteger(1), forKey: row.integer(0))
    }
  }

  /// Takes in what is ready. Of one turn the lane whose first entry is oldest has the least number, so that it goes
  /// first.
  mutating func read(_ found: PostgresRows, _ lanes: PostgresKnownLanes) throws(DriverError) {
    (rows, idle) = ([], [])
    var due: [(first: Int64, row: Row)] = []
    for index in 0..<found.count {
      let row = PostgresRow(rows: found, index: index)
      guard let lane = row.optionalInteger(3) else {
        idle.insert(row.integer(1))
        continue
      }
      let standing = LaneStanding(
        id: 0, lane: try lanes.lane(lane) { row.bytes(4) }, priority: Priority(rank: Int(row.integer(0))),
        pass: row.integer(2), available: Int(row.integer(5)))
      due.append((row.optionalInteger(6) ?? .max, Row(turn: row.integer(1), lane: lane, standing: standing)))
    }
    due.sort { ($0.first, $0.row.lane) < ($1.first, $1.row.lane) }
    rows = due.enumerated().map { index, item in
      var standing = item.row.standing
      standing = LaneStanding(
        id: Int64(index), lane: standing.lane, priority: standing.priority, pass: standing.pass,
        available: standing.available)
      return Row(turn: item.row.turn, lane: item.row.lane, standing: standing)
    }
  }

  /// True where there may be more lanes than were read.
  func hasMore(than most: Int) -> Bool {
    Dictionary(grouping: rows, by: \.standing.priority).values.contains { $0.count >= most }
  }

  /// Takes up to `wanted` entries, lane by lane.
  mutating func take(
    _ wanted: Int, at now: Int64, under controls: QueueControls, _ transaction: PostgresTransaction
  ) throws(DriverError) -> [Take] {
    var (full, underWay): ([LimitKey: Int64], [LimitKey: Int]) = ([:], [:])
    let keys = Set(rows.filter { $0.standing.available > 0 }.flatMap(\.standing.lane.limits))
    if !keys.isEmpty {
      let numbers = Dictionary(keys.map { (PostgresLane.key($0, of: queue), $0) }) { first, _ in first }
      let found = try transaction.rows(Self.counting, [.integers(numbers.keys.sorted())])
      for index in 0..<found.count {
        let row = PostgresRow(rows: found, index: index)
        guard let key = numbers[row.integer(0)] else { continue }
        full[key] = row.integer(1)
        underWay[key] = Int(row.integer(2))
      }
    }
    var table = TurnTable(
      now: now * 1000, controls: controls, lanes: rows.map(\.standing), served: served, passedOver: passedOver,
      full: full, underWay: underWay)
    before = table
    let takes = table.take(wanted).map { Take(lane: rows[Int($0.lane)].lane, count: $0.count) }
    self.table = table
    (served, passedOver) = (table.served, table.passedOver)
    return takes
  }

  /// What is to be written after that. The first call takes the entries, where there are any; their holders are
  /// numbered from behind those that were granted already.
  func writes(
    _ takes: [Take], _ request: LeaseRequest, token: String, after granted: Int, _ clock: PostgresQueueClock
  ) -> [PostgresCall] {
    guard let table, let before else { return [] }
    var calls: [PostgresCall] = []
    if !takes.isEmpty {
      calls = [taking(takes, request, token: token, after: granted, clock), passes(table), progress]
    }
    let held = zip(rows, table.lanes).filter { $0.1.hold != nil }
    if !held.isEmpty { calls.append(holding(held.map { ($0.0.lane, $0.1) })) }
    let empty = rows.filter { $0.standing.available == 0 }.map(\.lane).sorted()
    if !empty.isEmpty { calls += [(Self.forgetting, [.integers(empty)]), (Self.puttingOff, [.integers(empty)])] }
    let quiet = idle.union(held.map(\.0.turn)).union(rows.filter { $0.standing.available == 0 }.map(\.turn)).sorted()
    if !quiet.isEmpty {
      calls += [
        (Self.resting, [clock.parameter, .integers(quiet)]),
        (Self.leaving, [.integers(quiet), .text(queue.rawValue)]),
      ]
    }
    if let limits = limits(before, table) { calls.append(limits) }
    return calls
  }

  private func taking(
    _ takes: [Take], _ request: LeaseRequest, token: String, after granted: Int, _ clock: PostgresQueueClock
  ) -> PostgresCall {
    var (order, counts): ([Int64], [Int64: Int]) = ([], [:])
    for take in takes {
      if counts[take.lane] == nil { order.append(take.lane) }
      counts[take.lane, default: 0] += take.count
    }
    return (
      Self.taking,
      [
        clock.parameter, .integers(order), .integers(order.map { Int64(counts[$0] ?? 0) }), .text(token),
        .integer(request.length.milliseconds), .integer(Int64(granted)),
      ]
    )
  }

  private func passes(_ table: TurnTable) -> PostgresCall {
    var passes: [Int64: Int64] = [:]
    for (row, lane) in zip(rows, table.lanes) where lane.pass != row.standing.pass { passes[row.turn] = lane.pass }
    let sorted = passes.sorted { $0.key < $1.key }
    return (Self.passing, [.integers(sorted.map(\.key)), .integers(sorted.map(\.value))])
  }

  private var progress: PostgresCall {
    (
      Self.progressing,
      [
        .text(queue.rawValue), .integer(served[.high] ?? 0), .integer(served[.normal] ?? 0),
        .integer(served[.low] ?? 0), .integer(Int64(passedOver[.normal] ?? 0)),
        .integer(Int64(passedOver[.low] ?? 0)),
      ]
    )
  }

  private func holding(_ held: [(lane: Int64, standing: LaneStanding)]) -> PostgresCall {
    let held = held.sorted { $0.lane < $1.lane }
    return (
      Self.holding,
      [
        .integers(held.map(\.lane)),
        .integers(
          held.map { lane in
            // Rounded up: a millisecond early it would be held again.
            if case .until(let moment) = lane.standing.hold { (moment + 999) / 1000 } else { nil }
          }),
        .integers(
          held.map { lane in
            if case .slot(let key) = lane.standing.hold { PostgresLane.key(key, of: queue) } else { nil }
          }), .integers(held.map(\.standing.pass)),
      ]
    )
  }

  /// What the keys of limits come to; nil where none is concerned.
  private func limits(_ before: TurnTable, _ table: TurnTable) -> PostgresCall? {
    var keys: [Int64: (taken: Int64, full: Int64, most: Int64?)] = [:]
    for (key, most) in marked { keys[key] = (0, 0, most) }
    var touched = Set(table.underWay.filter { $0.value != before.underWay[$0.key, default: 0] }.keys)
    for lane in table.lanes { if case .slot(let key) = lane.hold { touched.insert(key) } }
    for key in touched {
      keys[PostgresLane.key(key, of: queue)] = (
        Int64(table.underWay[key, default: 0] - before.underWay[key, default: 0]), table.full[key] ?? 0,
        table.controls.limits[key.limit]?.concurrency.map(Int64.init)
      )
    }
    guard !keys.isEmpty else { return nil }
    let sorted = keys.sorted { $0.key < $1.key }
    return (
      Self.limiting,
      [
        .text(queue.rawValue), .integers(sorted.map(\.key)), .integers(sorted.map(\.value.taken)),
        .integers(sorted.map(\.value.full)), .integers(sorted.map(\.value.most)),
      ]
    )
  }
}
