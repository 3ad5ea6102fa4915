/// What is to be recorded about an attempt: decided from its result and the stage's policy, then settled.
public enum Outcome: Sendable, Hashable {
  /// The work is done.
  case succeeded(output: [UInt8], artifacts: [Artifact])
  /// A dead letter: FAILED.
  case failed(Failure)
  /// A dead letter: TIMED_OUT.
  case timedOut(Failure)
  /// Back to the queue after a wait; the attempt is spent.
  case retry(Failure, after: Duration)
  /// Back to the queue at once, and no attempt is spent: the host is shutting down.
  case released
  /// PENDING, and no attempt is spent, until what it waits for is there.
  case parked(waitingFor: String)

  /// PENDING, and no attempt is spent, until somebody outside answers; due when the answer has taken too long.
  case awaiting(within: Duration)

  /// The word of `awaiting`, by which the attempt that waits is found again.
  public static let awaitingWord = "awaiting"

  /// The word for logs, metrics and history.
  public var word: String {
    switch self {
    case .succeeded: "succeeded"
    case .failed: "failed"
    case .timedOut: "timed_out"
    case .retry: "retry"
    case .released: "released"
    case .parked: "parked"
    case .awaiting: Self.awaitingWord
    }
  }

  /// What went wrong, where something did.
  public var failure: Failure? {
    switch self {
    case .failed(let failure), .timedOut(let failure), .retry(let failure, _): failure
    case .succeeded, .released, .parked, .awaiting: nil
    }
  }

  /// True when an attempt is spent by it.
  public var spendsAttempt: Bool {
    switch self {
    case .succeeded, .failed, .timedOut, .retry: true
    case .released, .parked, .awaiting: false
    }
  }
}
