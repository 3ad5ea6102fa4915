/// How a job's standing changes. Pure: every store applies these and only persists what comes out.
extension JobStanding {
  /// The standing after `outcome` was settled at `moment`.
  ///
  /// Ends keep their fence and record the holder, so that the same settlement asked for again can be recognised. What
  /// goes back to the queue, or waits, gets a new fence and no holder.
  public func settled(_ outcome: Outcome, by holder: Holder, startedAt: Timestamp?, at moment: Timestamp)
    -> JobStanding
  {
    var next = self
    next.startedAt = startedAt ?? self.startedAt
    if outcome.spendsAttempt { next.attempts += 1 }
    switch outcome {
    case .succeeded: next.end(as: .succeeded, by: holder, at: moment)
    case .failed: next.end(as: .failed, by: holder, at: moment)
    case .timedOut: next.end(as: .timedOut, by: holder, at: moment)
    case .retry(_, let wait): next.requeue(dueAt: moment + wait)
    case .released: next.requeue(dueAt: moment)
    case .parked(let reason):
      next.requeue(dueAt: moment)
      next.state = .pending
      next.waitingFor = reason
    case .awaiting(let wait):
      next.requeue(dueAt: moment + wait)
      next.state = .pending
      next.waitingFor = Self.callbackWord
    }
    return next
  }

  /// The standing after a lease was lost without a witness: queued again under a new fence, a loss counted. What waits
  /// for a callback goes on waiting for it.
  public func reissued(at moment: Timestamp, countingLoss: Bool) -> JobStanding {
    var next = self
    next.requeue(dueAt: max(dueAt, moment))
    if awaitsCallback { (next.state, next.waitingFor) = (.pending, waitingFor) }
    if countingLoss { next.losses += 1 }
    return next
  }

  /// The standing after a dead letter was replayed: queued under a new fence, with all its attempts before it again.
  public func replayed(at moment: Timestamp) -> JobStanding {
    var next = self
    next.requeue(dueAt: moment)
    next.attempts = 0
    next.finishedAt = nil
    return next
  }

  /// The standing after a person, or what is newer, ended the job: CANCELLED under a new fence, with one word on why.
  public func cancelled(because reason: String, at moment: Timestamp) -> JobStanding {
    var next = self
    next.fence = fence.raised
    next.holder = nil
    next.state = .cancelled
    next.finishedAt = moment
    next.waitingFor = reason
    return next
  }

  /// The standing after another job that does the same work ended as `end`: this one ends alike, with no attempt.
  public func shared(_ end: JobState, at moment: Timestamp) -> JobStanding {
    var next = self
    next.state = end
    next.finishedAt = moment
    next.waitingFor = "shared"
    return next
  }

  /// The standing while the job waits for something that is not a time: PENDING, under the fence it has.
  public func waiting(for reason: String) -> JobStanding {
    var next = self
    next.state = .pending
    next.waitingFor = reason
    return next
  }

  /// The standing once the job waits for nothing but its time: QUEUED under a new fence.
  public func ready(dueAt moment: Timestamp) -> JobStanding {
    var next = self
    next.requeue(dueAt: moment)
    return next
  }

  private mutating func end(as end: JobState, by holder: Holder, at moment: Timestamp) {
    state = end
    self.holder = holder
    finishedAt = moment
    waitingFor = nil
  }

  private mutating func requeue(dueAt moment: Timestamp) {
    state = .queued
    fence = fence.raised
    holder = nil
    dueAt = moment
    waitingFor = nil
  }
}
