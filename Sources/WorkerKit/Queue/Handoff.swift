/// An id in a queue: rule R3 of the seam, queue entries are ids.
public struct QueueEntry: Hashable, Sendable {
  public let job: JobID
  public let fence: Fence
  public let queue: QueueName
  /// How long from now until the job may be leased; a length, since store and queue have clocks of their own.
  public let delay: Duration
  /// Entries of a higher priority go first.
  public var priority = Priority.normal
  /// How long its leases last; nil for what the host asks for.
  public var lease: Duration?
  /// Whose turn it takes, and what may hold it back.
  public var lane: Lane

  /// Describes an entry.
  public init(
    job: JobID, fence: Fence, queue: QueueName, delay: Duration = .zero, priority: Priority = .normal,
    lease: Duration? = nil, lane: Lane = .unnamed
  ) {
    self.lane = lane
    self.priority = priority
    self.lease = lease
    self.job = job
    self.fence = fence
    self.queue = queue
    self.delay = delay
  }
}

/// What a store has committed and a queue is to be told: written in the store's transaction, pushed after it.
///
/// A push that comes after `notAfter`, or under an older epoch, is refused: by then another may have pushed, run and
/// removed the job. The store keeps the handoff until it is told that it arrived; one that did not is asked about.
public struct Handoff: Sendable, Hashable {
  /// The handoff's row in the store.
  public let id: Int64
  public let epoch: Epoch
  public let notAfter: Timestamp
  public let entries: [QueueEntry]

  /// Describes a handoff.
  public init(id: Int64, epoch: Epoch, notAfter: Timestamp, entries: [QueueEntry]) {
    self.id = id
    self.epoch = epoch
    self.notAfter = notAfter
    self.entries = entries
  }
}

/// A handoff of which nobody has said that it arrived.
public struct OverdueHandoff: Sendable, Hashable {
  /// The handoff's row in the store.
  public let id: Int64
  /// Its jobs that still stand under the fence that was handed over.
  public let jobs: [FencedJob]

  /// Describes an overdue handoff.
  public init(id: Int64, jobs: [FencedJob]) {
    self.id = id
    self.jobs = jobs
  }
}
