/// The moments before which what is over may leave.
public struct RetentionCutOffs: Sendable, Hashable {
  public let supersededRuns: Timestamp
  public let finishedRuns: Timestamp
  public let deadLetters: Timestamp
  /// For events, and for replays of events.
  public let events: Timestamp
  public let windows: Timestamp
  public let audit: Timestamp
  public let activations: Timestamp

  /// Counts a policy's times back from now.
  public init(_ policy: RetentionPolicy, at now: Timestamp) {
    supersededRuns = now + (.zero - policy.supersededRuns)
    finishedRuns = now + (.zero - policy.finishedRuns)
    deadLetters = now + (.zero - policy.deadLetters)
    events = now + (.zero - policy.events)
    windows = now + (.zero - policy.windows)
    audit = now + (.zero - policy.audit)
    activations = now + (.zero - policy.activations)
  }
}
