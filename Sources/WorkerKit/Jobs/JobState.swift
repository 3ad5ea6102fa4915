/// Where a job is in its life. There are exactly these seven states.
///
/// `PENDING → QUEUED → RUNNING → SUCCEEDED | FAILED | CANCELLED | TIMED_OUT`. A retry, a release or a lost lease
/// takes RUNNING back to QUEUED; a replay takes FAILED or TIMED_OUT back to QUEUED.
public enum JobState: String, Sendable, Hashable, CaseIterable {
  /// Created, and waiting for something that is not a turn: a host that knows its worker, for instance.
  case pending = "PENDING"
  /// Waiting in its queue, perhaps for a time to come.
  case queued = "QUEUED"
  /// An attempt is under way under a lease.
  case running = "RUNNING"
  /// The worker did the work; the output is kept.
  case succeeded = "SUCCEEDED"
  /// Ended without success; a dead letter until a person resolves or replays it.
  case failed = "FAILED"
  /// Ended because a person, or what came before it, said so.
  case cancelled = "CANCELLED"
  /// Ended because its attempts ran past their time; a dead letter.
  case timedOut = "TIMED_OUT"

  /// True while the job may still be worked on.
  public var isLive: Bool { self == .pending || self == .queued || self == .running }

  /// True for the two ends that make a dead letter.
  public var isDead: Bool { self == .failed || self == .timedOut }
}
