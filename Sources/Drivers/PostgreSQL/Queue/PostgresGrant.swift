import WorkerKit

/// One look for work: what is asked of the server, and what its answer means.
struct PostgresGrant: Sendable {
  private let request: LeaseRequest
  private let token: String
  private let clock: PostgresQueueClock

  /// - Parameter token: What the names of the holders begin with.
  init(_ request: LeaseRequest, token: String, clock: PostgresQueueClock) {
    self.request = request
    self.token = token
    self.clock = clock
  }

  /// Leases what is due.
  var calls: [PostgresCall] {
    [
      PostgresLocks.leasing(PostgresLane.place(of: request.queue)), PostgresQueueGate.call(clock),
      (
        Self.taking,
        [
          clock.parameter, .text(request.queue.rawValue), .integer(Int64(request.limit)), .text(token),
          .integer(request.length.milliseconds),
        ]
      ),
    ]
  }

  /// The leases that were granted, in the order of their turns.
  func leases(_ rows: [PostgresRows]) throws(DriverError) -> [Lease] {
    let gate = try PostgresQueueGate(rows[1])
    let granted = try rows[2].map { row throws(DriverError) in
      let place = row.integer(3)
      let authority = Authority(
        job: JobID(row.text(0)), epoch: gate.epoch, fence: Fence(rawValue: row.integer(1)),
        holder: Holder("\(token).\(place)"))
      let length = row.optionalInteger(2) ?? request.length.milliseconds
      return (place: place, lease: Lease(authority: authority, queue: request.queue, length: .milliseconds(length)))
    }
    return granted.sorted { $0.place < $1.place }.map(\.lease)
  }

  /// Says that somebody waits for as long as `pause` and a little more, and asks when the next entry is due. No push
  /// comes between: it has either come before, and is seen, or is announced.
  func waiting(_ pause: Duration) -> [PostgresCall] {
    let queue = PostgresValue.text(request.queue.rawValue)
    let length = PostgresValue.integer((pause + Self.margin).milliseconds)
    return [
      PostgresLocks.leasing(PostgresLane.place(of: request.queue)), (Self.awaiting, [clock.parameter, queue, length]),
      (Self.next, [clock.parameter, queue]),
    ]
  }

  /// How long until the next entry is due, by the answer; nil where none waits.
  static func nextDue(_ rows: [PostgresRows]) -> Duration? {
    var next: Int64?
    for row in 0..<rows[2].count {
      if let wait = rows[2].optionalInteger(row, 0) { next = min(next ?? wait, wait) }
    }
    return next.map { .milliseconds($0) }
  }

  /// How long an answer may be under way.
  private static let margin = Duration.seconds(2)

  /// Entries that are being replaced or taken back are passed over, so that whoever leases waits for nobody's entries.
  static let taking = """
    WITH moment AS MATERIALIZED (SELECT \(PostgresQueueClock.now) AS now),
    picked AS MATERIALIZED (
      SELECT row_number() OVER () AS place, t.job FROM (
        SELECT w.job
        FROM (SELECT id FROM queue_lanes WHERE queue = $2 ORDER BY priority, id) l CROSS JOIN LATERAL (
          SELECT e.job FROM queue_entries e
          WHERE e.lane = l.id AND e.holder IS NULL AND e.due_at <= (SELECT now FROM moment)
          ORDER BY e.due_at, e.job LIMIT $3 FOR UPDATE OF e SKIP LOCKED
        ) w LIMIT $3
      ) t
    )
    UPDATE queue_entries e
    SET holder = $4::text || '.' || p.place, expires_at = (SELECT now FROM moment) + coalesce(e.lease, $5)
    FROM picked p WHERE e.job = p.job
    RETURNING e.job, e.fence, e.lease, p.place
    """

  static let awaiting = """
    INSERT INTO queue_awaited AS a (queue, until_at) VALUES ($2, \(PostgresQueueClock.now) + $3)
    ON CONFLICT (queue) DO UPDATE SET until_at = excluded.until_at WHERE a.until_at < excluded.until_at
    """

  static let next = """
    SELECT (SELECT e.due_at FROM queue_entries e WHERE e.lane = l.id AND e.holder IS NULL ORDER BY e.due_at LIMIT 1)
      - (SELECT \(PostgresQueueClock.now))
    FROM queue_lanes l WHERE l.queue = $2
    """
}
