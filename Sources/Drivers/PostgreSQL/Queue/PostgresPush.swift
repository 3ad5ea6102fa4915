import WorkerKit

/// One push: what is asked of the server, and what its answer means.
struct PostgresPush: Sendable {
  private let handoff: Handoff
  private let last: Int64
  private let clock: PostgresQueueClock
  /// Whose entries they are.
  let queues: Set<QueueName>

  /// What the server said.
  struct Result: Sendable {
    /// The server's time; nil where it did not say.
    let now: Int64?
    /// True where the queue is in the epoch, and the time is over.
    let isLate: Bool
    /// Nil where nothing was taken in.
    let answers: [PushAnswer]?
  }

  /// - Parameter last: The moment on the queue's clock after which nothing is taken in.
  init(_ handoff: Handoff, last: Int64, clock: PostgresQueueClock) {
    self.handoff = handoff
    self.last = last
    self.clock = clock
    queues = Set(handoff.entries.map(\.queue))
  }

  /// Entries of one job, of which the newest fence counts, go one after the other.
  var calls: [PostgresCall] {
    let names = queues.map(\.rawValue).sorted()
    let rounds = handoff.entries.rounds(by: \.job)
    return [PostgresLocks.queues(queues.map(PostgresLane.place).sorted()), PostgresLane.insertion(of: lanes)]
      + rounds.map { insertion(of: $0.map { handoff.entries[$0] }) } + [
        (Self.announcing, [clock.parameter, .texts(names)])
      ]
  }

  /// What the answers to the calls mean.
  func result(_ rows: [PostgresRows]) -> Result {
    var answers = [PushAnswer](repeating: .known, count: handoff.entries.count)
    var gate: PostgresRow?
    for (round, rows) in zip(handoff.entries.rounds(by: \.job), rows.dropFirst(2)) {
      gate = rows.first
      guard let gate, gate.boolean(0), gate.boolean(1) else {
        return Result(now: gate?.integer(2), isLate: gate?.boolean(0) ?? false, answers: nil)
      }
      var pushed: Set<String> = []
      if rows.count < round.count || rows.isNull(0, 3) {
        for index in 0..<rows.count { if let job = rows.optionalText(index, 3) { pushed.insert(job) } }
        for place in round where pushed.contains(handoff.entries[place].job.rawValue) { answers[place] = .pushed }
      } else {
        for place in round { answers[place] = .pushed }
      }
    }
    return Result(now: gate?.integer(2), isLate: false, answers: answers)
  }

  private var lanes: [(id: Int64, lane: PostgresLane)] {
    Set(handoff.entries.map { PostgresLane(queue: $0.queue, priority: $0.priority) }).map { (id: $0.id, lane: $0) }
      .sorted { $0.id < $1.id }
  }

  /// Takes entries in, each of a job of its own, unless this fence or a newer one is known; a newer fence replaces the
  /// entry and its lease. Gives one row at least: whether the queue is in the epoch, whether the time is not over, and
  /// the time.
  private func insertion(of entries: [QueueEntry]) -> PostgresCall {
    let entries = entries.sorted { $0.job < $1.job }
    var ids: [PostgresLane: Int64] = [:]
    for (id, lane) in lanes { ids[lane] = id }
    var columns = PostgresColumns(
      [
        ("job", .texts(entries.map(\.job.rawValue))),
        ("lane", .integers(entries.map { ids[PostgresLane(queue: $0.queue, priority: $0.priority)] })),
        ("delay", .integers(entries.map { max(0, min($0.delay.milliseconds, Self.longestDelay)) })),
        ("fence", .integers(entries.map(\.fence.rawValue))),
        ("lease", .integers(entries.map { $0.lease?.milliseconds })),
      ], after: clock.parameter)
    let (epoch, last) = (
      columns.add(.integer(handoff.epoch.rawValue), as: "bigint"), columns.add(.integer(last), as: "bigint")
    )
    return (
      """
      WITH gate AS MATERIALIZED (
        SELECT coalesce(o.epoch = \(epoch) AND o.is_open, false) AS is_open, t.now <= \(last) AS is_timely, t.now
        FROM (SELECT \(PostgresQueueClock.now) AS now) t LEFT JOIN queue_open o ON o.id = 1
      ), pushed AS (
        INSERT INTO queue_entries AS e (job, lane, due_at, fence, lease)
        SELECT \(columns["job"]), \(columns["lane"]), g.now + \(columns["delay"]), \(columns["fence"]), \(columns["lease"])
        FROM gate g CROSS JOIN \(columns.source()) WHERE g.is_open AND g.is_timely
        ON CONFLICT (job) DO UPDATE
          SET lane = excluded.lane, due_at = excluded.due_at, fence = excluded.fence, lease = excluded.lease,
            holder = NULL, expires_at = NULL, revoked = false
          WHERE e.fence < excluded.fence
        RETURNING e.job
      )
      SELECT g.is_open, g.is_timely, g.now, p.job FROM gate g LEFT JOIN pushed p ON true
      """, columns.parameters
    )
  }

  /// Longer than any job waits, and short enough to be added to a time.
  private static let longestDelay: Int64 = 1 << 50

  /// Tells who waits, in a transaction that is nobody's but ours.
  private static let announcing = """
    SELECT pg_notify('\(PostgresWaker.channel)', a.queue) FROM unnest($2::text[]) AS u (queue)
      JOIN queue_awaited a ON a.queue = u.queue AND a.until_at >= (SELECT \(PostgresQueueClock.now))
    """
}

extension Array {
  /// The places of the elements, in rounds in which no key stands twice; what stands first comes first.
  func rounds<Key: Hashable>(by key: (Element) -> Key) -> [[Int]] {
    var (seen, rounds): ([Key: Int], [[Int]]) = ([:], [])
    for (place, element) in enumerated() {
      let round = seen[key(element), default: 0]
      seen[key(element)] = round + 1
      if round == rounds.count { rounds.append([]) }
      rounds[round].append(place)
    }
    return rounds
  }
}
