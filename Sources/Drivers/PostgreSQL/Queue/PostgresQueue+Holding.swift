public import WorkerKit

/// What holders ask for, and what is taken from them.
extension PostgresQueue {
  public func renew(_ leases: [Lease]) async throws(DriverError) -> [RenewAnswer] {
    guard !leases.isEmpty else { return [] }
    let rounds = leases.rounds(by: \.authority.job)
    var calls = [PostgresLocks.queues([]), PostgresQueueGate.call(clock)]
    for round in rounds { calls += renewal(of: round.map { leases[$0] }) }
    let (answers, freed) = try await pool.exchange(calls) { rows throws(DriverError) in
      _ = try PostgresQueueGate(rows[1])
      var (answers, freed) = ([RenewAnswer](repeating: .lost, count: leases.count), Set<QueueName>())
      for (index, round) in rounds.enumerated() {
        let extended = Set(try rows[2 + index * 2].map { row throws(DriverError) in row.text(0) })
        for place in round where extended.contains(leases[place].authority.job.rawValue) { answers[place] = .extended }
        freed.formUnion(try PostgresSlots.queues(rows[3 + index * 2]))
      }
      return (answers, freed)
    }
    try await announce(freed)
    return answers
  }

  public func finish(_ authorities: [Authority]) async throws(DriverError) -> [FinishAnswer] {
    guard !authorities.isEmpty else { return [] }
    let sorted = authorities.sorted { $0.job < $1.job }
    let calls: [PostgresCall] = [
      PostgresQueueGate.call(clock), (Self.finishing, Self.columns(of: sorted)),
      (Self.remaining, [.texts(Array(Set(sorted.map(\.job.rawValue))).sorted())]),
    ]
    let (answers, freed) = try await pool.exchange(calls) { rows throws(DriverError) in
      let epoch = try PostgresQueueGate(rows[0]).epoch
      let held = Set(try rows[2].map { row throws(DriverError) in row.text(0) })
      let answers = authorities.map { authority -> FinishAnswer in
        authority.epoch != epoch || held.contains(authority.job.rawValue) ? .held : .removed
      }
      return (answers, try PostgresSlots.queues(rows[1]))
    }
    try await announce(freed)
    return answers
  }

  public func revoke(_ jobs: [FencedJob]) async throws(DriverError) -> [RevokeAnswer] {
    guard !jobs.isEmpty else { return [] }
    let sorted = jobs.sorted { $0.job < $1.job }
    let claims: [PostgresValue] = [
      .texts(sorted.map(\.job.rawValue)), .integers(sorted.map(\.fence.rawValue)),
    ]
    let calls: [PostgresCall] = [
      PostgresQueueGate.call(clock), (Self.revoking, claims), (Self.withdrawing, claims),
    ]
    return try await pool.exchange(calls) { rows throws(DriverError) in
      _ = try PostgresQueueGate(rows[0])
      var holders: [FencedJob: Holder] = [:]
      for index in 0..<rows[1].count {
        let row = PostgresRow(rows: rows[1], index: index)
        holders[FencedJob(job: JobID(row.text(0)), fence: Fence(rawValue: row.integer(1)))] = Holder(row.text(2))
      }
      return jobs.map { holders[$0].map { .held($0) } ?? .removed }
    }
  }

  public func known(_ jobs: [FencedJob]) async throws(DriverError) -> [KnownAnswer] {
    guard !jobs.isEmpty else { return [] }
    let calls: [PostgresCall] = [
      PostgresQueueGate.call(clock), (Self.standing, [.texts(jobs.map(\.job.rawValue))]),
    ]
    return try await pool.exchange(calls) { rows throws(DriverError) in
      _ = try PostgresQueueGate(rows[0])
      var entries: [JobID: (fence: Fence, holder: Holder?)] = [:]
      for index in 0..<rows[1].count {
        let row = PostgresRow(rows: rows[1], index: index)
        entries[JobID(row.text(0))] = (Fence(rawValue: row.integer(1)), row.optionalText(2).map { Holder($0) })
      }
      return jobs.map { claim in
        guard let entry = entries[claim.job], entry.fence >= claim.fence else { return .unknown }
        return entry.holder.map { .leased($0) } ?? .waiting
      }
    }
  }

  /// Tells who waits for queues in which something was set free, after that was committed: whoever has looked and not
  /// seen it has said by then that it waits.
  func announce(_ queues: Set<QueueName>) async throws(DriverError) {
    guard !queues.isEmpty else { return }
    let calls = [
      PostgresLocks.queues(queues.map(PostgresLane.place).sorted()), PostgresWaker.announcement(to: queues, clock),
    ]
    try await pool.exchange(calls) { _ throws(DriverError) in }
    for queue in queues { waker.raise(queue) }
  }

  /// Extends leases, each of a job of its own, and adopts what is forgotten; then takes away what was revoked.
  private func renewal(of leases: [Lease]) -> [PostgresCall] {
    let leases = leases.sorted { $0.authority.job < $1.authority.job }
    let jobs = PostgresValue.texts(leases.map(\.authority.job.rawValue))
    return [
      (
        Self.renewing,
        [
          clock.parameter, jobs, .texts(leases.map(\.queue.rawValue)),
          .integers(leases.map(\.authority.epoch.rawValue)), .integers(leases.map(\.authority.fence.rawValue)),
          .texts(leases.map(\.authority.holder.rawValue)), .integers(leases.map(\.length.milliseconds)),
        ]
      ), (Self.dropping, [jobs]),
    ]
  }

  private static func columns(of authorities: [Authority]) -> [PostgresValue] {
    [
      .texts(authorities.map(\.job.rawValue)), .integers(authorities.map(\.epoch.rawValue)),
      .integers(authorities.map(\.fence.rawValue)), .texts(authorities.map(\.holder.rawValue)),
    ]
  }

  static let renewing = """
    INSERT INTO queue_entries AS e (job, queue, lane, due_at, fence, holder, expires_at)
    SELECT u.job, u.queue, 0, t.now, u.fence, u.holder, t.now + u.length
    FROM (SELECT \(PostgresQueueClock.now) AS now) t CROSS JOIN unnest(
      $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::bigint[])
      AS u (job, queue, epoch, fence, holder, length)
    WHERE u.epoch = (SELECT epoch FROM queue_open WHERE id = 1 AND is_open)
    ON CONFLICT (job) DO UPDATE
      SET fence = excluded.fence, holder = excluded.holder, expires_at = excluded.expires_at
      WHERE NOT e.revoked AND (e.fence < excluded.fence
        OR e.fence = excluded.fence AND (e.holder IS NULL OR e.holder = excluded.holder))
    RETURNING e.job
    """

  static let dropping = """
    WITH gone AS (DELETE FROM queue_entries WHERE job = ANY($1) AND revoked RETURNING keys)
    \(PostgresSlots.freeing)
    """

  static let finishing = """
    WITH gone AS (
      DELETE FROM queue_entries e USING unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[])
        AS u (job, epoch, fence, holder)
      WHERE e.job = u.job AND e.fence = u.fence AND e.holder = u.holder
        AND u.epoch = (SELECT epoch FROM queue_open WHERE id = 1 AND is_open)
      RETURNING e.keys
    )
    \(PostgresSlots.freeing)
    """

  static let remaining = "SELECT job FROM queue_entries WHERE job = ANY($1)"

  static let revoking = """
    UPDATE queue_entries e SET revoked = true FROM unnest($1::text[], $2::bigint[]) AS u (job, fence)
    WHERE e.job = u.job AND e.fence = u.fence AND e.holder IS NOT NULL RETURNING e.job, e.fence, e.holder
    """

  static let withdrawing = """
    DELETE FROM queue_entries e USING unnest($1::text[], $2::bigint[]) AS u (job, fence)
    WHERE e.job = u.job AND e.fence = u.fence AND e.holder IS NULL
    """

  static let standing = "SELECT job, fence, holder FROM queue_entries WHERE job = ANY($1)"
}
