import WorkerKit

/// The queue's tables within one transaction: what waits, clustered in the order in which it is granted, and what is
/// leased, of which there is little.
struct SQLiteQueueEntries {
  let transaction: SQLiteTransaction
  let now: Timestamp
  private let insertion: SQLiteStatement
  private let granting: SQLiteStatement
  private let ending: SQLiteStatement

  init(transaction: SQLiteTransaction, now: Timestamp) throws(DriverError) {
    self.transaction = transaction
    self.now = now
    insertion = try transaction.connection.statement(
      "INSERT INTO waiting (queue, priority, due_at, job, id, fence, lease) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
    granting = try transaction.connection.statement(
      "INSERT INTO leases (job, id, fence, queue, holder, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
    ending = try transaction.connection.statement("DELETE FROM leases WHERE job = ?1")
  }

  /// What waits, as it is taken out to be leased.
  private struct Ready {
    let row: Int64
    let job: JobID
    let fence: Fence
    var length: Duration?
  }

  /// Where a job's entry waits, if it waits: `jobs.entry_due` is written whenever an entry is.
  private struct Place {
    let queue: String
    let priority: Int64
    let due: Int64
  }

  /// The epoch the queue is in.
  func epoch() throws(DriverError) -> Epoch {
    let value = try transaction.connection.statement("SELECT value FROM meta WHERE key = 'queue_epoch'")
      .one { row throws(DriverError) in row.integer(0) }
    return Epoch(rawValue: value ?? 0)
  }

  /// Takes an entry in, unless this fence or a newer one is known; a newer fence replaces the entry and its lease.
  func push(_ stored: StoredEntry) throws(DriverError) -> PushAnswer {
    let entry = stored.entry
    let due = (now + entry.delay).milliseconds
    if stored.isNew {
      try insert(stored, at: Place(queue: entry.queue.rawValue, priority: Int64(entry.priority.rank), due: due))
      return .pushed
    }
    guard let place = try place(of: stored.row) else { return .refused }
    if let known = try self.stored(stored.row, at: place) {
      if known.fence >= entry.fence { return .known }
      try remove(stored.row, at: place)
    }
    try insert(stored, at: Place(queue: place.queue, priority: place.priority, due: due))
    if due != place.due {
      try transaction.run("UPDATE jobs SET entry_due = ?2 WHERE sequence = ?1", .integer(stored.row), .integer(due))
    }
    return .pushed
  }

  /// The row of a job; nil for one that the file does not have, which no queue in it can hold.
  func row(of job: JobID) throws(DriverError) -> Int64? { try SQLiteJobs(transaction).standing(of: job)?.row }

  /// Grants leases on what is due and not held: lower priorities first, and of one priority the oldest first.
  /// Its holders are `token` and a number.
  func lease(_ request: LeaseRequest, token: String) throws(DriverError) -> [Lease] {
    let epoch = try epoch()
    var leases: [Lease] = []
    var priority = Int64.min
    while leases.count < request.limit, let next = try nextPriority(request.queue, after: priority) {
      priority = next
      let ready = try take(request.queue, priority, limit: request.limit - leases.count)
      for entry in ready {
        let (holder, length) = (Holder("\(token).\(leases.count)"), entry.length ?? request.length)
        try grant(entry, to: holder, queue: request.queue, until: now + length)
        leases.append(
          Lease(
            authority: Authority(job: entry.job, epoch: epoch, fence: entry.fence, holder: holder),
            queue: request.queue, length: length))
      }
    }
    return leases
  }

  /// How long until the next entry of a queue is due; nil where none waits.
  func nextDue(_ queue: QueueName) throws(DriverError) -> Duration? {
    var (earliest, priority): (Int64?, Int64) = (nil, .min)
    while let next = try nextPriority(queue, after: priority) {
      priority = next
      let due = try transaction.connection.statement(
        "SELECT due_at FROM waiting WHERE queue = ?1 AND priority = ?2 ORDER BY due_at LIMIT 1"
      ).first(.text(queue.rawValue), .integer(priority)) { row throws(DriverError) in row.integer(0) }
      if let due { earliest = min(earliest ?? due, due) }
    }
    return earliest.map { max(.zero, Timestamp(milliseconds: $0) - now) }
  }

  /// Extends a lease, or adopts one that a wiped queue has forgotten.
  ///
  /// The file has the job as well: the lease of one that has ended, or has another fence, is not adopted.
  func renew(_ lease: Lease) throws(DriverError) -> RenewAnswer {
    let authority = lease.authority
    guard authority.epoch == (try epoch()), let job = try SQLiteJobs(transaction).standing(of: authority.job),
      let place = try place(of: job.row)
    else { return .lost }
    let row = job.row
    if let known = try stored(row, at: place) {
      guard known.fence == authority.fence, known.holder == nil || known.holder == authority.holder else {
        return .lost
      }
      try remove(row, at: place)
    } else if !job.standing.state.isLive || job.standing.fence != authority.fence {
      return .lost
    }
    try grant(
      Ready(row: row, job: authority.job, fence: authority.fence), to: authority.holder, queue: lease.queue,
      until: now + lease.length)
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

  /// Removes whatever the queue has of a job.
  func remove(_ row: Int64) throws(DriverError) {
    ending.bind(1, row)
    try ending.execute()
    guard transaction.connection.changes == 0, let place = try place(of: row) else { return }
    try remove(row, at: place)
  }

  private func stored(_ row: Int64) throws(DriverError) -> (fence: Fence, holder: Holder?)? {
    guard let place = try place(of: row) else { return nil }
    return try stored(row, at: place)
  }

  private func stored(_ row: Int64, at place: Place) throws(DriverError) -> (fence: Fence, holder: Holder?)? {
    let lease = try transaction.connection.statement("SELECT fence, holder FROM leases WHERE job = ?1")
      .first(.integer(row)) { row throws(DriverError) in (Fence(rawValue: row.integer(0)), Holder(row.text(1))) }
    if let lease { return lease }
    return try transaction.connection.statement(
      "SELECT fence FROM waiting WHERE queue = ?1 AND priority = ?2 AND due_at = ?3 AND job = ?4"
    ).first(.text(place.queue), .integer(place.priority), .integer(place.due), .integer(row)) {
      row throws(DriverError) in (Fence(rawValue: row.integer(0)), nil)
    }
  }

  private func remove(_ row: Int64, at place: Place) throws(DriverError) {
    ending.bind(1, row)
    try ending.execute()
    try transaction.run(
      "DELETE FROM waiting WHERE queue = ?1 AND priority = ?2 AND due_at = ?3 AND job = ?4", .text(place.queue),
      .integer(place.priority), .integer(place.due), .integer(row))
  }

  private func place(of row: Int64) throws(DriverError) -> Place? {
    try transaction.connection.statement("SELECT queue, priority, entry_due FROM jobs WHERE sequence = ?1")
      .first(.integer(row)) { row throws(DriverError) in
        Place(queue: row.text(0), priority: row.integer(1), due: row.integer(2))
      }
  }

  private func insert(_ stored: StoredEntry, at place: Place) throws(DriverError) {
    insertion.bind(1, place.queue)
    insertion.bind(2, place.priority)
    insertion.bind(3, place.due)
    insertion.bind(4, stored.row)
    insertion.bind(5, stored.entry.job.rawValue)
    insertion.bind(6, stored.entry.fence.rawValue)
    if let lease = stored.entry.lease { insertion.bind(7, lease.milliseconds) } else { insertion.bindNull(7) }
    try insertion.execute()
  }

  private func nextPriority(_ queue: QueueName, after priority: Int64) throws(DriverError) -> Int64? {
    try transaction.connection.statement(
      "SELECT priority FROM waiting WHERE queue = ?1 AND priority > ?2 ORDER BY priority LIMIT 1"
    ).first(.text(queue.rawValue), .integer(priority)) { row throws(DriverError) in row.integer(0) }
  }

  /// Takes the oldest entries of a priority that are due out of what waits. They are the first of a range, which goes
  /// in one statement.
  private func take(_ queue: QueueName, _ priority: Int64, limit: Int) throws(DriverError) -> [Ready] {
    var lastDue: Int64 = 0
    let ready = try transaction.connection.statement(
      """
      SELECT job, id, fence, due_at, lease FROM waiting WHERE queue = ?1 AND priority = ?2 AND due_at <= ?3
      ORDER BY due_at, job LIMIT ?4
      """
    ).rows([.text(queue.rawValue), .integer(priority), .moment(now), .integer(Int64(limit))]) {
      row throws(DriverError) in
      lastDue = row.integer(3)
      return Ready(
        row: row.integer(0), job: JobID(row.text(1)), fence: Fence(rawValue: row.integer(2)),
        length: row.optionalInteger(4).map { .milliseconds($0) })
    }
    guard let last = ready.last else { return [] }
    try transaction.run(
      "DELETE FROM waiting WHERE queue = ?1 AND priority = ?2 AND (due_at, job) <= (?3, ?4)", .text(queue.rawValue),
      .integer(priority), .integer(lastDue), .integer(last.row))
    return ready
  }

  private func grant(
    _ entry: Ready, to holder: Holder, queue: QueueName, until end: Timestamp
  ) throws(DriverError) {
    granting.bind(1, entry.row)
    granting.bind(2, entry.job.rawValue)
    granting.bind(3, entry.fence.rawValue)
    granting.bind(4, queue.rawValue)
    granting.bind(5, holder.rawValue)
    granting.bind(6, end)
    try granting.execute()
  }
}
