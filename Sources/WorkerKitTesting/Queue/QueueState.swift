internal import WorkerKit

/// What an in-memory queue holds, and how each verb changes it. Times are on the monotonic clock.
struct QueueState: Sendable {
  struct Entry: Sendable {
    let fence: Fence
    let queue: QueueName
    let dueAt: Duration
    let arrival: UInt64
    let lane: Lane
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
    /// When something may be granted that may not yet.
    var nextDue: Duration?
    let changes: UInt64
  }

  private(set) var epoch: Epoch
  /// Counts what could give a waiting host something to do.
  private(set) var changes: UInt64 = 0
  private var entries: [JobID: Entry] = [:]
  private var boards: [QueueName: LaneBoard] = [:]
  private var controls = QueueControls()
  private var lastArrival: UInt64 = 0

  init(epoch: Epoch) { self.epoch = epoch }

  mutating func wipe(for epoch: Epoch, under controls: QueueControls) {
    self.epoch = epoch
    self.controls = controls
    entries = [:]
    boards = [:]
    changes += 1
  }

  mutating func take(_ controls: QueueControls) {
    guard controls.version >= self.controls.version else { return }
    self.controls = controls
    changes += 1
  }

  mutating func push(_ entry: QueueEntry, at now: Duration) -> PushAnswer {
    if let known = entries[entry.job], known.fence >= entry.fence { return .known }
    insert(entry, dueAt: now + max(.zero, entry.delay))
    return .pushed
  }

  mutating func grant(_ request: LeaseRequest, at now: Duration, holder: () -> Holder) -> Grant {
    var grant = Grant(changes: changes)
    guard !controls.isPaused(request.queue), var board = boards[request.queue] else { return grant }
    let known = entries
    let draw = board.draw(request.limit, at: now, under: controls) { ticket in
      known[ticket.job].map { $0.arrival == ticket.arrival && $0.lease == nil } ?? false
    }
    grant.nextDue = draw.next
    for ticket in draw.tickets {
      guard let entry = entries[ticket.job] else { continue }
      let length = entry.length ?? request.length
      let claim = Claim(holder: holder(), expiresAt: now + length)
      entries[ticket.job]?.lease = claim
      board.hold(ticket.job, of: entry.lane)
      let authority = Authority(job: ticket.job, epoch: epoch, fence: entry.fence, holder: claim.holder)
      grant.leases.append(Lease(authority: authority, queue: request.queue, length: length))
    }
    boards[request.queue] = board
    return grant
  }

  mutating func renew(_ lease: Lease, at now: Duration) -> RenewAnswer {
    let authority = lease.authority
    guard authority.epoch == epoch else { return .lost }
    if let entry = entries[authority.job] {
      let isTaken = entry.fence == authority.fence && entry.lease.map { $0.holder != authority.holder } ?? false
      if entry.isRevoked { remove(authority.job) }
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
    remove(authority.job)
    return .removed
  }

  mutating func revoke(_ asked: FencedJob) -> RevokeAnswer {
    guard let entry = entries[asked.job], entry.fence == asked.fence else { return .removed }
    guard let lease = entry.lease else {
      remove(asked.job)
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

  private mutating func remove(_ job: JobID) {
    guard let entry = entries.removeValue(forKey: job), entry.lease != nil, !entry.lane.limits.isEmpty else { return }
    boards[entry.queue]?.release(job, of: entry.lane)
    changes += 1
  }

  private mutating func insert(_ entry: QueueEntry, dueAt: Duration) {
    remove(entry.job)
    lastArrival += 1
    changes += 1
    entries[entry.job] = Entry(
      fence: entry.fence, queue: entry.queue, dueAt: dueAt, arrival: lastArrival, lane: entry.lane,
      length: entry.lease, lease: nil)
    boards[entry.queue, default: LaneBoard()].insert(
      .init(dueAt: dueAt, arrival: lastArrival, job: entry.job),
      in: .init(lane: entry.lane, priority: entry.priority))
  }
}
