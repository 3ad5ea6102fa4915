/// One attempt's outcome, as a host asks a store to record it.
public struct Settlement: Sendable, Hashable {
  public let authority: Authority
  public let outcome: Outcome
  public let host: HostID
  /// When the worker began; nil where it never ran.
  public let startedAt: Timestamp?

  /// Describes what is to be recorded.
  public init(authority: Authority, outcome: Outcome, host: HostID, startedAt: Timestamp?) {
    self.authority = authority
    self.outcome = outcome
    self.host = host
    self.startedAt = startedAt
  }
}

/// The answer to one settlement.
public enum SettleAnswer: Sendable, Hashable {
  /// It is recorded; asked again, the answer is the same.
  case settled
  /// The job has moved on under a newer fence, another holder or a newer epoch: nothing was recorded.
  case stale
  /// The job has ended already, by another's hand: nothing was recorded.
  case ended
}

/// What settling a batch came to.
public struct SettleResult: Sendable {
  /// One for each settlement, in order.
  public let answers: [SettleAnswer]
  /// What is to be pushed: retries, releases, and the jobs of the next stages. Nil where nothing is.
  public let handoff: Handoff?
  /// How many events the runs emitted; they wait to be routed.
  public let emitted: Int
  /// Jobs that ended because of it and not by a settlement of theirs, as they stand now: for `JobEndings`.
  public let ended: [Job]

  /// Describes a result.
  public init(answers: [SettleAnswer], handoff: Handoff?, emitted: Int, ended: [Job] = []) {
    self.answers = answers
    self.handoff = handoff
    self.emitted = emitted
    self.ended = ended
  }
}
