import WorkerKit

/// The queue's entries within one transaction: what waits, clustered by lane in the order in which it is granted, and
/// what is leased, of which there is little.
struct SQLiteQueueEntries {
  let transaction: SQLiteTransaction
  let now: Timestamp
  let lanes: SQLiteLanes
  let limits: SQLiteLimits
  private let news: SQLiteQueueNews
  private let insertion: SQLiteStatement
  private let granting: SQLiteStatement
  private let ending: SQLiteStatement

  init(
    transaction: SQLiteTransaction, now: Timestamp, news: SQLiteQueueNews = SQLiteQueueNews()
  ) throws(DriverError) {
    self.transaction = transaction
    self.now = now
    self.news = news
    lanes = SQLiteLanes(transaction: transaction, now: now)
    limits = SQLiteLimits(transaction: transaction, now: now, lanes: lanes)
    insertion = try transaction.connection.statement(
      "INSERT INTO waiting (lane, due_at, job, id, fence, lease) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
    granting = try transaction.connection.statement(
      """
      INSERT INTO leases (job, id, fence, queue, holder, expires_at, flow) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
      """)
    ending = try transaction.connection.statement("DELETE FROM leases WHERE job = ?1")
  }

  /// What waits, as it is taken out to be leased.
  struct Ready {
    let row: Int64
    let job: JobID
    let fence: Fence
    var due: Int64 = 0
    var length: Duration?
  }

  /// What a job's lease says.
  private struct Held {
    let fence: Fence
    let holder: Holder
    let flow: [UInt8]?
  }

  /// Where a job's entry waits, if it waits: `jobs.entry_due` is written whenever an entry is.
  private struct Place {
    let name: SQLiteLaneName
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
    let due = (now + stored.entry.delay).milliseconds
    news.isThere = true
    if stored.isNew {
      try insert(stored, at: Place(name: SQLiteLaneName(stored.entry), due: due))
      return .pushed
    }
    guard let place = try place(of: stored.row) else { return .refused }
    if let known = try fence(stored.row, at: place) {
      if known >= stored.entry.fence { return .known }
      try remove(stored.row, at: place)
    }
    try insert(stored, at: Place(name: place.name, due: due))
    if due != place.due {
      try transaction.run("UPDATE jobs SET entry_due = ?2 WHERE sequence = ?1", .integer(stored.row), .integer(due))
    }
    return .pushed
  }

  /// The row of a job; nil for one that the file does not have, which no queue in it can hold.
  func row(of job: JobID) throws(DriverError) -> Int64? { try SQLiteJobs(transaction).standing(of: job)?.row }

  /// Extends a lease, or adopts one that a wiped queue has forgotten; that holds no slots.
  ///
  /// The file has the job as well: the lease of one that has ended, or has another fence, is not extended.
  func renew(_ lease: Lease) throws(DriverError) -> RenewAnswer {
    let (authority, end) = (lease.authority, now + lease.length)
    guard authority.epoch == (try epoch()), let job = try SQLiteJobs(transaction).standing(of: authority.job) else {
      return .lost
    }
    let isCurrent = job.standing.state.isLive && job.standing.fence == authority.fence
    if let known = try held(job.row) {
      guard known.fence == authority.fence, known.holder == authority.holder else { return .lost }
      guard isCurrent else {
        try remove(job.row)
        return .lost
      }
      try transaction.run("UPDATE leases SET expires_at = ?2 WHERE job = ?1", .integer(job.row), .moment(end))
      return .extended
    }
    if let place = try place(of: job.row), let known = try waitingFence(job.row, at: place) {
      guard known == authority.fence else { return .lost }
      try removeWaiting(job.row, at: place)
    } else if !isCurrent {
      return .lost
    }
    try grant(
      Ready(row: job.row, job: authority.job, fence: authority.fence), to: authority.holder, queue: lease.queue,
      until: end)
    return .extended
  }

  /// Removes an entry that the asker still holds; one that is gone already is as good.
  func finish(_ authority: Authority) throws(DriverError) -> FinishAnswer {
    guard let row = try row(of: authority.job) else { return .removed }
    guard let known = try held(row) else {
      guard let place = try place(of: row) else { return .removed }
      return try waitingFence(row, at: place) == nil ? .removed : .held
    }
    let isMine =
      authority.epoch == (try epoch()) && known.fence == authority.fence && known.holder == authority.holder
    guard isMine else { return .held }
    try remove(row)
    return .removed
  }

  /// Takes back an entry. The renewal of one that is held is refused, since its job's fence has moved.
  func revoke(_ claim: FencedJob) throws(DriverError) -> RevokeAnswer {
    guard let row = try row(of: claim.job) else { return .removed }
    if let known = try held(row) {
      guard known.fence == claim.fence else { return .removed }
      try withdraw(row)
      return .held(known.holder)
    }
    guard let place = try place(of: row), try waitingFence(row, at: place) == claim.fence else { return .removed }
    try removeWaiting(row, at: place)
    return .removed
  }

  /// What the queue knows of a job.
  func known(_ claim: FencedJob) throws(DriverError) -> KnownAnswer {
    guard let row = try row(of: claim.job) else { return .unknown }
    if let known = try held(row) { return known.fence >= claim.fence ? .leased(known.holder) : .unknown }
    guard let place = try place(of: row), let known = try waitingFence(row, at: place), known >= claim.fence else {
      return .unknown
    }
    return .waiting
  }

  /// Removes whatever the queue has of a job, and gives back its slots.
  func remove(_ row: Int64) throws(DriverError) {
    if try !removeLease(row), let place = try place(of: row) { try removeWaiting(row, at: place) }
  }

  /// Removes what the queue has of a job that was cancelled. Where it holds slots its host still works on it, and they
  /// are given back when that has heard of it, or its lease has run out.
  func withdraw(_ row: Int64) throws(DriverError) {
    if try news.mayHoldSlots(limits), try held(row)?.flow != nil { return }
    try remove(row)
  }

  /// Leases what was taken out.
  func grant(
    _ entry: Ready, to holder: Holder, queue: QueueName, until end: Timestamp, flow: [UInt8]? = nil
  ) throws(DriverError) {
    granting.bind(1, entry.row)
    granting.bind(2, entry.job.rawValue)
    granting.bind(3, entry.fence.rawValue)
    granting.bind(4, queue.rawValue)
    granting.bind(5, holder.rawValue)
    granting.bind(6, end)
    granting.bind(7, flow)
    try granting.execute()
  }

  private func remove(_ row: Int64, at place: Place) throws(DriverError) {
    if try !removeLease(row) { try removeWaiting(row, at: place) }
  }

  /// Removes a job's lease; false where it has none. Who has no limits is not asked for slots.
  private func removeLease(_ row: Int64) throws(DriverError) -> Bool {
    let flow = try news.mayHoldSlots(limits) ? try held(row)?.flow : nil
    ending.bind(1, row)
    try ending.execute()
    guard transaction.connection.changes > 0 else { return false }
    if let flow, let keys = try Lane.flow(stored: flow)?.limits, try limits.release(keys, of: row) {
      news.isThere = true
    }
    return true
  }

  private func removeWaiting(_ row: Int64, at place: Place) throws(DriverError) {
    guard let lane = try lanes.id(of: place.name) else { return }
    try transaction.run(
      "DELETE FROM waiting WHERE lane = ?1 AND due_at = ?2 AND job = ?3", .integer(lane), .integer(place.due),
      .integer(row))
  }

  /// The fence under which the queue has a job, leased or waiting.
  private func fence(_ row: Int64, at place: Place) throws(DriverError) -> Fence? {
    if let known = try held(row) { return known.fence }
    return try waitingFence(row, at: place)
  }

  private func held(_ row: Int64) throws(DriverError) -> Held? {
    try transaction.connection.statement("SELECT fence, holder, flow FROM leases WHERE job = ?1")
      .first(.integer(row)) { row throws(DriverError) in
        Held(fence: Fence(rawValue: row.integer(0)), holder: Holder(row.text(1)), flow: row.optionalBytes(2))
      }
  }

  private func waitingFence(_ row: Int64, at place: Place) throws(DriverError) -> Fence? {
    guard let lane = try lanes.id(of: place.name) else { return nil }
    return try transaction.connection.statement(
      "SELECT fence FROM waiting WHERE lane = ?1 AND due_at = ?2 AND job = ?3"
    ).first(.integer(lane), .integer(place.due), .integer(row)) { row throws(DriverError) in
      Fence(rawValue: row.integer(0))
    }
  }

  private func place(of row: Int64) throws(DriverError) -> Place? {
    try transaction.connection.statement(Self.place).rows([.integer(row)]) { row throws(DriverError) in
      let policy = try SQLiteJobPolicy(row, from: 2)
      let name = SQLiteLaneName(
        queue: row.text(0), priority: Int64(policy.priority.rank), lane: policy.lane(row, from: 5))
      return Place(name: name, due: row.integer(1))
    }.first
  }

  private func insert(_ stored: StoredEntry, at place: Place) throws(DriverError) {
    insertion.bind(1, try lanes.enter(place.name, due: place.due))
    insertion.bind(2, place.due)
    insertion.bind(3, stored.row)
    insertion.bind(4, stored.entry.job.rawValue)
    insertion.bind(5, stored.entry.fence.rawValue)
    if let lease = stored.entry.lease { insertion.bind(6, lease.milliseconds) } else { insertion.bindNull(6) }
    try insertion.execute()
  }

  private static let place = SQLiteText(
    """
    SELECT jobs.queue, jobs.entry_due, \(SQLiteJobPolicy.columns), \(SQLiteJobPolicy.laneColumns)
    FROM jobs CROSS JOIN runs ON runs.sequence = jobs.sequence / \(RowNumbers.jobsOfRun) WHERE jobs.sequence = ?1
    """)
}

/// What a transaction notes of its queue: whether somebody who waits may find something, and whether there are slots.
final class SQLiteQueueNews {
  var isThere = false
  private var hasSlots: Bool?

  /// False where no job holds a slot, which is asked once.
  func mayHoldSlots(_ limits: SQLiteLimits) throws(DriverError) -> Bool {
    if let hasSlots { return hasSlots }
    let answer = try limits.hasSlots()
    hasSlots = answer
    return answer
  }
}
