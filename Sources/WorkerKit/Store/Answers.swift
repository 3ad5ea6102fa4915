/// The answer to one recorded event.
public enum RecordAnswer: Sendable, Hashable {
  /// It is committed.
  case accepted
  /// The same tenant, source and id is there already; the first one stands.
  case duplicate
}

/// What routing came to.
public struct RouteResult: Sendable {
  /// Events routed, those that match no pipeline included.
  public let routed: Int
  /// Jobs created.
  public let jobs: Int
  public let handoff: Handoff?
  /// Events for which the planner threw, and which stay unrouted.
  public let failed: [EventID]
  /// Jobs that ended because of it without an attempt, as they stand now: for `JobEndings`.
  public let ended: [Job]

  /// Describes a result.
  public init(routed: Int, jobs: Int, handoff: Handoff?, failed: [EventID] = [], ended: [Job] = []) {
    self.routed = routed
    self.jobs = jobs
    self.handoff = handoff
    self.failed = failed
    self.ended = ended
  }
}

/// The answer to one loaded lease.
public enum LoadAnswer: Sendable {
  /// Work on it.
  case job(Job)
  /// Its time comes after this long: reissue it as overdue, which keeps the due time and gives it a new fence, since
  /// the queue hands out each fence only once.
  case notDue(Duration)
  /// Missing, ended, under another fence, holder or epoch: finish it in the queue and do nothing.
  case gone
}

/// An attempt that has lasted long enough to be told of.
public struct BegunAttempt: Sendable, Hashable {
  public let authority: Authority
  public let startedAt: Timestamp

  /// Names the attempt and its start.
  public init(authority: Authority, startedAt: Timestamp) {
    self.authority = authority
    self.startedAt = startedAt
  }
}

/// The answer to one fenced write of an attempt.
public enum WriteAnswer: Sendable, Hashable {
  case kept
  /// The attempt has lost its authority: stop.
  case stale
}

/// Why a job gets a new fence without an outcome.
public enum ReissueCause: String, Sendable, Hashable {
  /// Its lease ran out and nobody saw why.
  case lost
  /// It was committed, but the queue does not have it.
  case overdue
}

/// The answer to one reissue.
public enum ReissueAnswer: Sendable, Hashable {
  /// The job has a new fence and is to be pushed.
  case raised
  /// The job has ended; its entry can be removed.
  case ended
  /// The fence is no longer the one named: somebody else has seen to it.
  case moved
}

/// What reissuing came to.
public struct ReissueResult: Sendable {
  public let answers: [ReissueAnswer]
  public let handoff: Handoff?

  /// Describes a result.
  public init(answers: [ReissueAnswer], handoff: Handoff?) {
    self.answers = answers
    self.handoff = handoff
  }
}

/// A person's wish to run a dead letter again.
public struct ReplayRequest: Sendable, Hashable {
  public let job: JobID
  /// The fence that the person saw; a second click finds a newer one and is a no-op.
  public let fence: Fence
  /// Who asks.
  public let by: String
  /// Why.
  public let reason: String

  /// Describes a wish.
  public init(job: JobID, fence: Fence, by: String, reason: String) {
    self.job = job
    self.fence = fence
    self.by = by
    self.reason = reason
  }
}

/// The answer to one replay.
public enum ReplayAnswer: String, Sendable, Hashable {
  /// Queued again, all attempts before it.
  case replayed
  /// There is no such job.
  case missing
  /// The job is no dead letter, as the person could see: live, succeeded or cancelled.
  case notDead = "not_dead"
  /// The job has moved on since the person looked, whatever has become of it.
  case changed
  /// Something newer of its window waits, runs or was done: running it again would undo that.
  case superseded
}

/// What replaying came to.
public struct ReplayResult: Sendable {
  public let answers: [ReplayAnswer]
  public let handoff: Handoff?
  /// Jobs that ended because of it without an attempt, as they stand now: for `JobEndings`.
  public let ended: [Job]

  /// Describes a result.
  public init(answers: [ReplayAnswer], handoff: Handoff?, ended: [Job] = []) {
    self.answers = answers
    self.handoff = handoff
    self.ended = ended
  }
}

/// One page of the jobs that an emptied queue is filled with.
public struct RefillPage: Sendable {
  public let handoff: Handoff?
  /// Where the next page begins; nil after the last.
  public let next: JobID?

  /// Describes a page.
  public init(handoff: Handoff?, next: JobID?) {
    self.handoff = handoff
    self.next = next
  }
}
