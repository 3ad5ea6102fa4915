internal import WorkerKit

/// What an in-memory queue holds, and how each verb changes it. Times are on the monotonic clock.
struct QueueState: Sendable {
  struct Entry: Sendable {
    let fence: Fence
    let queue: QueueName
    let dueAt: Duration
    let arrival: UInt64
    let priority: Priority
    let length: Duration?
    var lease: Claim?
    var isRevoked = false
  }

  struct Claim: Sendable {
    let holder: Holder
    let expiresAt: Duration
  }

  struct Grant: Sendable {
    var leases: [Lease] = []
    /// When the first entry that waits for its time is due.
    var nextDue: Duration?
    let changes: UInt64
  }

  private(set) var epoch: Epoch
  /// Counts what could give a waiting host something to do.
  private(set) var changes: UInt64 = 0
  private var entries: [JobID: Entry] = [:]
  private var lines: [QueueName: [Priority: WaitingLine]] = [:]
  private var lastArrival: UInt64 = 0

  init(epoch: Epoch) { self.epoch = epoch }

  mutating func wipe(for epoch: Epoch) {
    self.epoch = epoch
    entries = [:]
    lines = [:]
    changes += 1
  }

  mutating func push(_ entry: QueueEntry, at now: Duration) -> PushAnswer {
    if let known = entries[entry.job], known.fence >= entry.fence { return .known }
    insert(entry, dueAt: now + max(.zero, entry.delay))
    return .pushed
  }

  mutating func grant(_ request: LeaseRequest, at now: Duration, holder: () -> Holder) -> Grant {
    var grant = Grant(changes: changes)
    for priority in Priority.allCases.sorted() {
      self.grant(request, of: priority, at: now, into: &grant, holder: holder)
    }
    return grant
  }

  private mutating func grant(
    _ request: LeaseRequest, of priority: Priority, at now: Duration, into grant: inout Grant, holder: () -> Holder
  ) {
    while let ticket = lines[request.queue]?[priority]?.first, grant.leases.count < request.limit {
      guard let entry = entries[ticket.job], entry.arrival == ticket.arrival, entry.lease == nil else {
        lines[request.queue]?[priority]?.removeFirst()
        continue
      }
      guard ticket.dueAt <= now else {
        grant.nextDue = min(ticket.dueAt, grant.nextDue ?? ticket.dueAt)
        break
      }
      lines[request.queue]?[priority]?.removeFirst()
      let length = entry.length ?? request.length
      let claim = Claim(holder: holder(), expiresAt: now + length)
      entries[ticket.job]?.lease = claim
      let authority = Authority(job: ticket.job, epoch: epoch, fence: entry.fence, holder: claim.holder)
      grant.leases.append(Lease(authority: authority, queue: request.queue, length: length))
    }
  }

  mutating func renew(_ lease: Lease, at now: Duration) -> RenewAnswer {
    let authority = lease.authority
    guard authority.epoch == epoch else { return .lost }
    if let entry = entries[authority.job] {
      let isTaken = entry.fence == authority.fence && entry.lease.map { $0.holder != authority.holder } ?? false
      if entry.isRevoked { entries[authority.job] = nil }
      if entry.fence > authority.fence || isTaken || entry.isRevoked { return .lost }
    }
    if entries[authority.job]?.fence != authority.fence {
      insert(QueueEntry(job: authority.job, fence: authority.fence, queue: lease.queue), dueAt: now)
    }
    entries[authority.job]?.lease = Claim(holder: authority.holder, expiresAt: now + lease.length)
    return .extended
  }

  mutating func finish(_ authority: Authority) -> FinishAnswer {
    guard authority.epoch == epoch else { return .held }
    guard let entry = entries[authority.job] else { return .removed }
    guard entry.fence == authority.fence, entry.lease?.holder == authority.holder else { return .held }
    entries[authority.job] = nil
    return .removed
  }

  mutating func revoke(_ asked: FencedJob) -> RevokeAnswer {
    guard let entry = entries[asked.job], entry.fence == asked.fence else { return .removed }
    guard let lease = entry.lease else {
      entries[asked.job] = nil
      return .removed
    }
    entries[asked.job]?.isRevoked = true
    return .held(lease.holder)
  }

  func expired(at now: Duration, limit: Int) -> [Authority] {
    let over = entries.compactMap { job, entry -> (Duration, Int, Authority)? in
      guard let lease = entry.lease, lease.expiresAt <= now else { return nil }
      let authority = Authority(job: job, epoch: epoch, fence: entry.fence, holder: lease.holder)
      return (lease.expiresAt, Int(entry.arrival), authority)
    }
    return over.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.prefix(max(0, limit)).map(\.2)
  }

  func known(_ asked: FencedJob) -> KnownAnswer {
    guard let entry = entries[asked.job], entry.fence >= asked.fence else { return .unknown }
    return entry.lease.map { .leased($0.holder) } ?? .waiting
  }

  func depths(at now: Duration) -> [QueueDepth] {
    Dictionary(grouping: entries.values, by: \.queue).sorted { $0.key < $1.key }.map { queue, entries in
      let waiting = entries.filter { $0.lease == nil }
      let oldest = waiting.map(\.dueAt).min().map { max(.zero, now - $0) } ?? .zero
      return QueueDepth(
        queue: queue, waiting: waiting.count, leased: entries.count - waiting.count, oldest: oldest)
    }
  }

  private mutating func insert(_ entry: QueueEntry, dueAt: Duration) {
    lastArrival += 1
    changes += 1
    entries[entry.job] = Entry(
      fence: entry.fence, queue: entry.queue, dueAt: dueAt, arrival: lastArrival, priority: entry.priority,
      length: entry.lease, lease: nil)
    lines[entry.queue, default: [:]][entry.priority, default: WaitingLine()].insert(
      .init(dueAt: dueAt, arrival: lastArrival, job: entry.job))
  }
}
