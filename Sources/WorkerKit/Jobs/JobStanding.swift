/// What changes about a job while it lives: the part of its row that settling and reissuing touch.
public struct JobStanding: Sendable, Hashable {
  public var state: JobState
  public var fence: Fence
  /// Who wrote first under the fence; nil until somebody has.
  public var holder: Holder?
  /// Attempts spent since the job was created or last replayed.
  public var attempts: Int
  /// Leases lost without a witness.
  public var losses: Int
  /// Not to be worked on before this moment.
  public var dueAt: Timestamp
  public var startedAt: Timestamp?
  public var finishedAt: Timestamp?
  /// What a PENDING job waits for, or why a CANCELLED one was ended; a fixed word.
  public var waitingFor: String?

  /// A new job's standing: QUEUED, with the first fence, due at once.
  public init(createdAt moment: Timestamp) {
    state = .queued
    fence = .first
    attempts = 0
    losses = 0
    dueAt = moment
  }

  /// Restores a standing from its stored parts.
  public init(
    state: JobState, fence: Fence, holder: Holder?, attempts: Int, losses: Int, dueAt: Timestamp,
    startedAt: Timestamp?, finishedAt: Timestamp?, waitingFor: String?
  ) {
    self.state = state
    self.fence = fence
    self.holder = holder
    self.attempts = attempts
    self.losses = losses
    self.dueAt = dueAt
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.waitingFor = waitingFor
  }

  /// Words for what a job waits for that no host here could do.
  public static let parkingWords = ["worker", "revision"]

  /// True for a job that waits for a host that can do it.
  public var isParked: Bool { state == .pending && waitingFor.map(Self.parkingWords.contains) ?? false }

  /// Why a job was ended of whose window something newer took the place.
  public static let supersededWord = "superseded"

  /// What a job waits for that was answered with a callback to come.
  public static let callbackWord = "callback"

  /// True for a job that waits for an answer from outside, until its due time.
  public var awaitsCallback: Bool { state == .pending && waitingFor == Self.callbackWord }

  /// True for a job that its queue holds: it is at work, waits for its turn or its time, or for an answer until a time.
  public var belongsInQueue: Bool { state == .queued || state == .running || awaitsCallback }

  /// True when `authority` may write for this job in `epoch`: the job lives, the fence is the newest, and nobody else
  /// has written under it.
  public func admits(_ authority: Authority, in epoch: Epoch) -> Bool {
    epoch == authority.epoch && state.isLive && fence == authority.fence
      && (holder == nil || holder == authority.holder)
  }
}
