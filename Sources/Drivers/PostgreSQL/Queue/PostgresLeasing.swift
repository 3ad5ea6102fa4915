import Synchronization
import WorkerKit

/// How leases are granted: what is ready is read, `TurnTable` decides, and what was decided is written, all in one
/// transaction that has the queue to itself. What a lane without limits costs is asked once for each grant, not for
/// each of its jobs.
final class PostgresLeasing: Sendable {
  let clock: PostgresQueueClock
  private let controls = PostgresControls()
  private let lanes = PostgresKnownLanes()
  private let swept = Mutex<[QueueName: Duration]>([:])

  /// How long between two looks for what nobody needs any more.
  private static let sweepInterval = Duration.seconds(10)
  /// As few lanes are read at least, so that many that are held do not take many turns.
  private static let fewest = 64
  /// How often is read at most for one grant; the next grant goes on.
  private static let rounds = 32

  init(clock: PostgresQueueClock) { self.clock = clock }

  /// What came of one look.
  struct Grant: Sendable {
    var leases: [Lease] = []
    var isPaused = false
  }

  /// Grants up to as many leases as asked for.
  func grant(
    _ request: LeaseRequest, token: String, _ transaction: PostgresTransaction
  ) throws(DriverError) -> Grant {
    let queue = PostgresValue.text(request.queue.rawValue)
    let most = max(request.limit, Self.fewest)
    var rows = try transaction.pipeline(
      [
        PostgresLocks.leasing(PostgresLane.place(of: request.queue)), PostgresQueueGate.call(clock),
        (PostgresTurns.served, [queue]), (PostgresTurns.waking, [queue, .integer(Int64(request.limit))]),
        (PostgresTurns.marked, [queue, .integer(Int64(request.limit))]),
      ] + reading(queue, most))
    let gate = try PostgresQueueGate(rows[1])
    let controls = try controls.controls(gate, transaction)
    if controls.isPaused(request.queue) { return Grant(isPaused: true) }
    var turns = try PostgresTurns(request.queue, served: rows[2], marked: rows[4])
    var grant = Grant()
    for _ in 0..<Self.rounds {
      try turns.read(rows[rows.count - 1], lanes)
      let wanted = request.limit - grant.leases.count
      let takes = try turns.take(wanted, at: gate.now, under: controls, transaction)
      let results = try transaction.pipeline(
        turns.writes(takes, request, token: token, after: grant.leases.count, clock))
      if !takes.isEmpty { grant.leases += Self.leases(results[0], takes, request, gate.epoch, token) }
      guard grant.leases.count < request.limit, turns.hasMore(than: most) else { break }
      rows = try transaction.pipeline(reading(queue, most))
    }
    return grant
  }

  private func reading(_ queue: PostgresValue, _ most: Int) -> [PostgresCall] {
    [
      (PostgresTurns.promoting, [clock.parameter, queue]),
      (PostgresTurns.reading, [clock.parameter, queue, .integer(Int64(most))]),
    ]
  }

  /// The leases that were granted, in the order of their turns.
  private static func leases(
    _ rows: PostgresRows, _ takes: [PostgresTurns.Take], _ request: LeaseRequest, _ epoch: Epoch, _ token: String
  ) -> [Lease] {
    var taken: [Int64: [(place: Int64, lease: Lease)]] = [:]
    for index in 0..<rows.count {
      let row = PostgresRow(rows: rows, index: index)
      let place = row.integer(4)
      let authority = Authority(
        job: JobID(row.text(1)), epoch: epoch, fence: Fence(rawValue: row.integer(2)),
        holder: Holder("\(token).\(place)"))
      let length = Duration.milliseconds(row.optionalInteger(3) ?? request.length.milliseconds)
      taken[row.integer(0), default: []].append(
        (place, Lease(authority: authority, queue: request.queue, length: length)))
    }
    for lane in taken.keys { taken[lane]?.sort { $0.place < $1.place } }
    var leases: [Lease] = []
    for take in takes {
      let left = taken[take.lane] ?? []
      leases += left.prefix(take.count).map(\.lease)
      taken[take.lane] = Array(left.dropFirst(take.count))
    }
    return leases
  }

  /// Says that somebody waits for as long as `pause` and a little more, and asks when something may be granted. Nothing
  /// comes between: it has either come before, and is seen, or is announced.
  func waiting(_ queue: QueueName, _ pause: Duration) -> [PostgresCall] {
    let name = PostgresValue.text(queue.rawValue)
    return [
      PostgresLocks.leasing(PostgresLane.place(of: queue)),
      (PostgresTurns.awaiting, [clock.parameter, name, .integer((pause + Self.margin).milliseconds)]),
      (PostgresTurns.next, [clock.parameter, name]),
    ]
  }

  /// How long until something may be granted, by the answer; nil where nobody can say.
  static func next(_ rows: [PostgresRows]) -> Duration? {
    rows[2].first?.optionalInteger(0).map { .milliseconds($0) }
  }

  /// How long an answer may be under way.
  private static let margin = Duration.seconds(2)

  /// Takes away keys and turns that count for nothing, where it is time to look.
  func sweep(_ queue: QueueName, at moment: Duration) -> [PostgresCall]? {
    let isDue = swept.withLock { swept in
      guard moment - swept[queue, default: .zero] >= Self.sweepInterval else { return false }
      swept[queue] = moment
      return true
    }
    guard isDue else { return nil }
    let name = PostgresValue.text(queue.rawValue)
    return [
      PostgresLocks.leasing(PostgresLane.place(of: queue)), (PostgresTurns.sweepingKeys, [clock.parameter, name]),
      (PostgresTurns.sweepingTurns, [name]),
    ]
  }
}

/// Lanes as they are read from the tables, so that each is read once by a process.
final class PostgresKnownLanes: Sendable {
  private let known = Mutex<[Int64: Lane]>([:])

  /// The most lanes that are remembered.
  private static let most = 20_000

  /// The lane of this number.
  func lane(_ id: Int64, _ content: () -> [UInt8]) throws(DriverError) -> Lane {
    if let lane = known.withLock({ $0[id] }) { return lane }
    let lane = try PostgresLane.lane(content())
    known.withLock { known in
      if known.count >= Self.most { known = [:] }
      known[id] = lane
    }
    return lane
  }
}
