/// A person's wish to end what has not ended.
public struct CancelRequest: Sendable, Hashable {
  /// What is to be ended.
  public enum Target: Sendable, Hashable {
    /// One job, and what needs it.
    case job(JobID)
    /// Every live job of a run, and all that would have followed.
    case run(RunID)
  }

  public let target: Target
  /// Who asks.
  public let by: String
  /// Why.
  public let reason: String

  /// What a job that was cancelled so says of it.
  public static let word = "cancelled"

  /// Describes a wish.
  public init(_ target: Target, by: String, reason: String) {
    self.target = target
    self.by = by
    self.reason = reason
  }
}

/// The answer to one cancellation.
public enum CancelAnswer: String, Sendable, Hashable {
  /// CANCELLED, with what was live of it; a running attempt is stopped at its next renewal.
  case cancelled
  /// There is no such job or run.
  case missing
  /// It has ended already, and stays as it is.
  case ended
}

/// What cancelling came to.
public struct CancelResult: Sendable {
  public let answers: [CancelAnswer]
  /// The jobs that were cancelled, under the fences they had: to be revoked in the queue.
  public let jobs: [FencedJob]
  /// What is to be pushed because of it: jobs whose turn has come. Nil where nothing is.
  public let handoff: Handoff?
  /// Jobs that ended because of it without an attempt, the cancelled ones among them, as they stand now: for
  /// `JobEndings`.
  public let ended: [Job]

  /// Describes a result.
  public init(answers: [CancelAnswer], jobs: [FencedJob], handoff: Handoff?, ended: [Job]) {
    self.answers = answers
    self.jobs = jobs
    self.handoff = handoff
    self.ended = ended
  }
}
