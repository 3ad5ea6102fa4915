import WorkerKit

/// The queue's table within one transaction.
struct SQLiteQueueEntries {
  let transaction: SQLiteTransaction
  let now: Timestamp

  /// The epoch the queue is in.
  func epoch() throws(DriverError) -> Epoch {
    let value = try transaction.connection.statement("SELECT value FROM meta WHERE key = 'queue_epoch'")
      .first { row throws(DriverError) in row.integer(0) }
    return Epoch(rawValue: value ?? 0)
  }

  /// Takes an entry in, unless this fence or a newer one is known; a newer fence replaces the entry and its lease.
  func push(_ stored: StoredEntry) throws(DriverError) -> PushAnswer {
    let entry = stored.entry
    if let known = try self.stored(stored.row) {
      if known.fence >= entry.fence { return .known }
      try remove(stored.row)
    }
    try transaction.run(
      "INSERT INTO queue_entries (job, fence, queue, due_at, priority, lease) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
      .integer(stored.row), .integer(entry.fence.rawValue), .text(entry.queue.rawValue), .moment(now + entry.delay),
      .integer(Int64(entry.priority.rank)), entry.lease.map { .integer($0.milliseconds) } ?? .null)
    return .pushed
  }

  /// The row of a job; nil for one that the file does not have, which no queue in it can hold.
  func row(of job: JobID) throws(DriverError) -> Int64? {
    try transaction.connection.statement("SELECT sequence FROM jobs WHERE id = ?1")
      .first(.text(job.rawValue)) { row throws(DriverError) in row.integer(0) }
  }

  /// Grants leases on what is due and not held, oldest first.
  func lease(_ request: LeaseRequest, holder: () -> Holder) throws(DriverError) -> [Lease] {
    let epoch = try epoch()
    var leases: [Lease] = []
    for (row, job, fence, length) in try ready(request) {
      let holder = holder()
      try transaction.run(
        "UPDATE queue_entries SET holder = ?2, expires_at = ?3 WHERE job = ?1", .integer(row),
        .text(holder.rawValue), .moment(now + length))
      leases.append(
        Lease(
          authority: Authority(job: job, epoch: epoch, fence: fence, holder: holder), queue: request.queue,
          length: length))
    }
    return leases
  }

  /// What is due and not held: every priority for itself, so that each is a walk along the index.
  private func ready(
    _ request: LeaseRequest
  ) throws(DriverError) -> [(row: Int64, job: JobID, fence: Fence, length: Duration)] {
    var found: [(row: Int64, job: JobID, fence: Fence, length: Duration)] = []
    for priority in Priority.allCases.sorted() where found.count < request.limit {
      found += try transaction.connection.statement(
        """
        SELECT job, id, queue_entries.fence, lease FROM queue_entries JOIN jobs ON jobs.sequence = job
        WHERE queue_entries.queue = ?1 AND priority = ?4 AND queue_entries.holder IS NULL
          AND queue_entries.due_at <= ?2
        ORDER BY queue_entries.due_at, job LIMIT ?3
        """
      ).rows([
        .text(request.queue.rawValue), .moment(now), .integer(Int64(request.limit - found.count)),
        .integer(Int64(priority.rank)),
      ]) { row throws(DriverError) in
        (
          row.integer(0), JobID(row.text(1)), Fence(rawValue: row.integer(2)),
          row.optionalInteger(3).map { .milliseconds($0) } ?? request.length
        )
      }
    }
    return found
  }

  /// How long until the next entry of a queue is due; nil where none waits.
  func nextDue(_ queue: QueueName) throws(DriverError) -> Duration? {
    try transaction.connection.statement(
      """
      SELECT min(due) FROM (
        SELECT (SELECT due_at FROM queue_entries WHERE queue = ?1 AND priority = rank AND holder IS NULL
          ORDER BY due_at, job LIMIT 1) AS due FROM (SELECT 0 AS rank UNION ALL SELECT 1 UNION ALL SELECT 2))
      """
    ).first(.text(queue.rawValue)) { row throws(DriverError) in row.optionalInteger(0) }
      .flatMap { $0 }.map { max(.zero, Timestamp(milliseconds: $0) - now) }
  }

  /// Extends a lease, or adopts one that a wiped queue has forgotten.
  func renew(_ lease: Lease) throws(DriverError) -> RenewAnswer {
    let authority = lease.authority
    guard authority.epoch == (try epoch()), let row = try row(of: authority.job) else { return .lost }
    guard let known = try stored(row) else {
      // The file has the job as well: one that was cancelled, or has a newer fence, is not adopted.
      guard let standing = try SQLiteJobs(transaction).standing(of: authority.job)?.standing,
        standing.state.isLive, standing.fence == authority.fence
      else { return .lost }
      try transaction.run(
        """
        INSERT INTO queue_entries (job, fence, queue, due_at, holder, expires_at, priority)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1)
        """, .integer(row), .integer(authority.fence.rawValue), .text(lease.queue.rawValue),
        .moment(now), .text(authority.holder.rawValue), .moment(now + lease.length))
      return .extended
    }
    guard known.fence == authority.fence, known.holder == nil || known.holder == authority.holder else { return .lost }
    try transaction.run(
      "UPDATE queue_entries SET holder = ?2, expires_at = ?3 WHERE job = ?1", .integer(row),
      .text(authority.holder.rawValue), .moment(now + lease.length))
    return .extended
  }

  /// Removes an entry that the asker still holds; one that is gone already is as good.
  func finish(_ authority: Authority) throws(DriverError) -> FinishAnswer {
    guard let row = try row(of: authority.job), let known = try stored(row) else { return .removed }
    let isMine =
      authority.epoch == (try epoch()) && known.fence == authority.fence && known.holder == authority.holder
    guard isMine else { return .held }
    try remove(row)
    return .removed
  }

  /// Takes back an entry; the renewal of one that is held is refused, since its job's fence has moved.
  func revoke(_ claim: FencedJob) throws(DriverError) -> RevokeAnswer {
    guard let row = try row(of: claim.job), let known = try stored(row), known.fence == claim.fence else {
      return .removed
    }
    try remove(row)
    return known.holder.map { .held($0) } ?? .removed
  }

  /// What the queue knows of a job.
  func known(_ claim: FencedJob) throws(DriverError) -> KnownAnswer {
    guard let row = try row(of: claim.job), let known = try stored(row), known.fence >= claim.fence else {
      return .unknown
    }
    return known.holder.map { .leased($0) } ?? .waiting
  }

  private func stored(_ row: Int64) throws(DriverError) -> (fence: Fence, holder: Holder?)? {
    try transaction.connection.statement("SELECT fence, holder FROM queue_entries WHERE job = ?1")
      .first(.integer(row)) { row throws(DriverError) in
        (Fence(rawValue: row.integer(0)), row.optionalText(1).map { Holder($0) })
      }
  }

  private func remove(_ row: Int64) throws(DriverError) {
    try transaction.run("DELETE FROM queue_entries WHERE job = ?1", .integer(row))
  }
}
