import WorkerKit

/// What leasing sees of a queue: of each priority the lanes whose turn is next, with what they may give.
struct SQLiteLaneView {
  struct Lane {
    let id: Int64
    let fairKey: Int64
    let standing: LaneStanding
    /// Its oldest entries that are due, as far as they were read.
    let ready: [SQLiteQueueEntries.Ready]
    /// True where more may be due than was read.
    let isCut: Bool
    /// True for the first lane that was read of its fair key.
    let isFirst: Bool
    /// True where its fair key has other lanes that are ready.
    let hasNeighbours: Bool
  }

  /// A lane that is called ready and has nothing that is due.
  struct IdleLane {
    let id: Int64
    let fairKey: Int64
    /// When something comes due; nil where nothing waits.
    let next: Int64?
  }

  var lanes: [Lane] = []
  var idle: [IdleLane] = []
  var priorities: [Priority: SQLitePriorityStanding] = [:]
  /// Priorities of one fair key with one lane, which has no turns to take.
  var alone: Set<Priority> = []
  /// Fair keys of which not all lanes were read.
  var cutFairKeys: Set<Int64> = []
  /// True where there is no other fair key that is ready.
  var hasAllFairKeys = true

  /// True where all lanes that are ready were read.
  var isWhole: Bool { hasAllFairKeys && cutFairKeys.isEmpty }

  /// True where something has given all that was read of it, and may have more.
  func isCutShort(as lanes: [LaneStanding]) -> Bool {
    var open = cutFairKeys
    for (lane, after) in zip(self.lanes, lanes) where after.hold == nil {
      if lane.isCut, after.available == 0 { return true }
      if after.available > 0 { open.remove(lane.fairKey) }
    }
    return !open.isEmpty
  }
}

/// How far the turns of one priority of a queue have come.
struct SQLitePriorityStanding: Equatable {
  /// The pass of whoever was served last.
  var served: Int64 = 0
  /// How many jobs of higher priorities were granted while it was passed over.
  var passedOver = 0
}

/// Reads what leasing has to see, and no more of it than that: about as many entries as are wanted.
struct SQLiteLaneReading {
  let transaction: SQLiteTransaction
  let now: Timestamp
  let queue: QueueName
  let wanted: Int
  /// How many times its equal part is read of each lane.
  private(set) var detail = 1

  init(transaction: SQLiteTransaction, now: Timestamp, queue: QueueName, wanted: Int) {
    self.transaction = transaction
    self.now = now
    self.queue = queue
    self.wanted = wanted
  }

  /// Reads more of each lane from now on; false where all is read already that could be wanted.
  mutating func readMore() -> Bool {
    guard detail < wanted else { return false }
    detail *= 4
    return true
  }

  func read() throws(DriverError) -> SQLiteLaneView {
    var view = SQLiteLaneView()
    var wanted = wanted
    for priority in Priority.allCases {
      let found = try read(priority, wanted, into: &view)
      // Of what goes after enough for all, no more is needed than its age may ask for.
      if found >= wanted { wanted = max(1, min(wanted, self.wanted * detail / TurnTable.patience + 1)) }
    }
    return view
  }

  private struct Row {
    let id: Int64
    let fairKey: Int64
    let pass: Int64
    let lane: Lane
    let isFirst: Bool
    let hasNeighbours: Bool
  }

  /// Reads a priority; says how many entries may be taken of it.
  private func read(_ priority: Priority, _ wanted: Int, into view: inout SQLiteLaneView) throws(DriverError) -> Int {
    let rows = try lanes(of: priority, wanted, into: &view)
    guard !rows.isEmpty else { return 0 }
    view.priorities[priority] = try standing(of: priority)
    let most = part(of: wanted, among: rows.count)
    var found = 0
    for row in rows {
      let ready = try entries(of: row.id, atMost: most)
      guard !ready.isEmpty else {
        view.idle.append(.init(id: row.id, fairKey: row.fairKey, next: try nextDue(in: row.id)))
        continue
      }
      found += ready.count
      // The place in the list is the number that the table knows it by: of equal lanes the one that was read first goes
      // first.
      let standing = LaneStanding(
        id: Int64(view.lanes.count), lane: row.lane, priority: priority, pass: row.pass, available: ready.count)
      view.lanes.append(
        .init(
          id: row.id, fairKey: row.fairKey, standing: standing, ready: ready,
          isCut: ready.count == most && most < self.wanted, isFirst: row.isFirst, hasNeighbours: row.hasNeighbours))
    }
    return found
  }

  /// How much is read of each of several, when so much is wanted of all.
  private func part(of wanted: Int, among count: Int) -> Int {
    count <= 1 ? wanted : min(wanted, ((wanted + count - 1) / count + 1) * detail)
  }

  private func lanes(
    of priority: Priority, _ wanted: Int, into view: inout SQLiteLaneView
  ) throws(DriverError) -> [Row] {
    let place: [SQLiteValue] = [.text(queue.rawValue), .integer(Int64(priority.rank))]
    let fairKeys = try transaction.connection.statement(SQLiteLaneQueries.nextFairKeys)
      .rows(place + [.integer(Int64(wanted + 1))]) { row throws(DriverError) in
        (id: row.integer(0), name: row.text(1), pass: row.integer(2))
      }
    if fairKeys.count > wanted { view.hasAllFairKeys = false }
    let most = part(of: wanted, among: fairKeys.count)
    var rows: [Row] = []
    for fairKey in fairKeys.prefix(wanted) {
      let lanes = try transaction.connection.statement(SQLiteLaneQueries.nextLanes)
        .rows([.integer(fairKey.id), .integer(Int64(most + 1))]) { row throws(DriverError) in
          (id: row.integer(0), lane: try Self.lane(row, of: fairKey.name))
        }
      if lanes.count > most { view.cutFairKeys.insert(fairKey.id) }
      for (index, lane) in lanes.prefix(most).enumerated() {
        rows.append(
          Row(
            id: lane.id, fairKey: fairKey.id, pass: fairKey.pass, lane: lane.lane, isFirst: index == 0,
            hasNeighbours: lanes.count > 1))
      }
    }
    if rows.count == 1, view.cutFairKeys.isEmpty, try isAlone(place) { view.alone.insert(priority) }
    return rows
  }

  private static func lane(_ row: SQLiteRow, of fairKey: String) throws(DriverError) -> Lane {
    let flow = try Lane.flow(stored: row.bytes(4)) ?? JobFlow()
    return Lane(
      tenant: TenantID(row.text(1)), pipeline: PipelineName(row.text(2)), stage: StageName(row.text(3)),
      flow: JobFlow(fairKey: fairKey, weight: flow.weight, limits: flow.limits))
  }

  /// True where a priority of a queue has one fair key.
  private func isAlone(_ place: [SQLiteValue]) throws(DriverError) -> Bool {
    try transaction.connection.statement("SELECT 1 FROM fair_keys WHERE queue = ?1 AND priority = ?2 LIMIT 2")
      .rows(place) { row throws(DriverError) in row.integer(0) }.count == 1
  }

  private func standing(of priority: Priority) throws(DriverError) -> SQLitePriorityStanding {
    let found = try transaction.connection.statement(
      "SELECT served, passed_over FROM priorities WHERE queue = ?1 AND priority = ?2"
    ).first(.text(queue.rawValue), .integer(Int64(priority.rank))) { row throws(DriverError) in
      SQLitePriorityStanding(served: row.integer(0), passedOver: Int(row.integer(1)))
    }
    return found ?? SQLitePriorityStanding()
  }

  private func entries(of lane: Int64, atMost most: Int) throws(DriverError) -> [SQLiteQueueEntries.Ready] {
    let statement = try transaction.connection.statement(SQLiteLaneQueries.entries)
    statement.bind(1, lane)
    statement.bind(2, now)
    statement.bind(3, Int64(most))
    return try statement.all { row throws(DriverError) in
      SQLiteQueueEntries.Ready(
        row: row.integer(0), job: JobID(row.text(1)), fence: Fence(rawValue: row.integer(2)), due: row.integer(3),
        length: row.optionalInteger(4).map { .milliseconds($0) })
    }
  }

  private func nextDue(in lane: Int64) throws(DriverError) -> Int64? {
    try transaction.connection.statement("SELECT due_at FROM waiting WHERE lane = ?1 ORDER BY due_at LIMIT 1")
      .first(.integer(lane)) { row throws(DriverError) in row.integer(0) }
  }
}
