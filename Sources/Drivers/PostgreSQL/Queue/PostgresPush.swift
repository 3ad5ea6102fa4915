import WorkerKit

/// One push: what is asked of the server, and what its answer means.
struct PostgresPush: Sendable {
  private let handoff: Handoff
  private let last: Int64
  private let clock: PostgresQueueClock
  private let lanes: PostgresLanes
  /// The places of the entries, in rounds of jobs that are each another's.
  private let rounds: [[Int]]
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
    lanes = PostgresLanes(handoff.entries)
    rounds = handoff.entries.rounds(by: \.job)
  }

  /// Entries of one job, of which the newest fence counts, go one after the other.
  var calls: [PostgresCall] {
    var calls = [PostgresLocks.queues(queues.map(PostgresLane.place).sorted())] + lanes.calls(clock)
    for round in rounds {
      let entries = round.map { handoff.entries[$0] }.sorted { $0.job < $1.job }
      if entries.contains(where: { $0.fence != .first }) { calls.append(replacement(of: entries)) }
      calls.append(insertion(of: entries))
    }
    return calls + [PostgresWaker.announcement(to: queues, clock)]
  }

  /// What the answers to the calls mean.
  func result(_ rows: [PostgresRows]) -> Result {
    var answers = [PushAnswer](repeating: .known, count: handoff.entries.count)
    var gate: PostgresRow?
    // The others have more columns, or none.
    let inserted = rows.filter { $0.columns == Self.columns }
    for (round, rows) in zip(rounds, inserted) {
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

  /// Removes what newer fences replace, and gives back the slots that it held.
  private func replacement(of entries: [QueueEntry]) -> PostgresCall {
    (
      """
      WITH gone AS (
        DELETE FROM queue_entries e USING unnest($2::text[], $3::bigint[]) AS u (job, fence)
        WHERE e.job = u.job AND e.fence < u.fence AND (SELECT \(PostgresQueueClock.now)) <= $5
          AND (SELECT epoch FROM queue_open WHERE id = 1 AND is_open) = $4
        RETURNING e.keys
      )
      \(PostgresSlots.freeing)
      """,
      [
        clock.parameter, .texts(entries.map(\.job.rawValue)), .integers(entries.map(\.fence.rawValue)),
        .integer(handoff.epoch.rawValue), .integer(last),
      ]
    )
  }

  /// Takes entries in, each of a job of its own, unless this fence or a newer one is known; a newer fence replaces the
  /// entry and its lease. Gives one row at least: whether the queue is in the epoch, whether the time is not over, and
  /// the time.
  private func insertion(of entries: [QueueEntry]) -> PostgresCall {
    var columns = PostgresColumns(
      [
        ("job", .texts(entries.map(\.job.rawValue))), ("queue", .texts(entries.map(\.queue.rawValue))),
        ("lane", .integers(entries.map { lanes.id(of: $0) })), ("delay", .integers(entries.map(\.storedDelay))),
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
        INSERT INTO queue_entries AS e (job, queue, lane, due_at, fence, lease)
        SELECT \(columns["job"]), \(columns["queue"]), \(columns["lane"]), g.now + \(columns["delay"]),
          \(columns["fence"]), \(columns["lease"])
        FROM gate g CROSS JOIN \(columns.source()) WHERE g.is_open AND g.is_timely
        ON CONFLICT (job) DO UPDATE
          SET queue = excluded.queue, lane = excluded.lane, due_at = excluded.due_at, fence = excluded.fence,
            lease = excluded.lease, holder = NULL, expires_at = NULL, revoked = false, keys = NULL
          WHERE e.fence < excluded.fence
        RETURNING e.job
      )
      SELECT g.is_open, g.is_timely, g.now, p.job FROM gate g LEFT JOIN pushed p ON true
      """, columns.parameters
    )
  }

  /// How many columns that gives.
  private static let columns = 4
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
