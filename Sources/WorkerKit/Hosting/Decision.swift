/// What an attempt came to, before anybody decides what follows.
public enum AttemptResult: Sendable {
  /// The worker returned.
  case returned(output: [UInt8], artifacts: [Artifact])
  /// The worker, or what is around it, failed.
  case failed(Failure)
  /// The worker gave up because it was cancelled, or says so.
  case cancelled
  /// The worker has asked somebody outside, and waits for the answer this long.
  case awaits(Duration)
}

/// Why an attempt was cut short.
public enum Interruption: Sendable, Hashable {
  /// The lease ran out or went to somebody else: nothing this attempt says is of interest any more.
  case leaseLost
  /// It ran past its time.
  case deadline
  /// The host stops.
  case shutdown
}

/// Decides what follows from an attempt. Pure: no clock, no chance, no store.
public enum Decision {
  /// The longest wait that another side can ask for with a `retryAfter`: a day. More would be a loss, not a wait.
  public static let longestRetryAfter = Duration.seconds(86_400)

  /// The outcome to settle, or nil where the lease is lost and there is nothing to settle.
  ///
  /// - Parameters:
  ///   - result: What the attempt came to.
  ///   - interruption: Why it was cut short, where it was. Work that was done all the same counts as done.
  ///   - attempt: Which attempt it was, from 1.
  ///   - policy: The stage's retry policy.
  ///   - chance: A number in 0 ..< 1 that draws the wait.
  public static func outcome(
    of result: AttemptResult, interruption: Interruption?, attempt: Int, policy: RetryPolicy, chance: Double
  ) -> Outcome? {
    if interruption == .leaseLost { return nil }
    switch (result, interruption) {
    case (.returned(let output, let artifacts), _): return .succeeded(output: output, artifacts: artifacts)
    case (.awaits(let wait), _): return .awaiting(within: wait)
    // A process that was killed for its time left evidence.
    case (.failed(let failure), .deadline) where failure.kind == .deadline:
      return after(failure, attempt: attempt, policy: policy, chance: chance)
    case (_, .deadline): return after(deadlineFailure, attempt: attempt, policy: policy, chance: chance)
    case (_, .shutdown): return .released
    // Nobody cancelled it. Released without an attempt spent, it would come back for ever.
    case (.cancelled, _): return after(ownCancellation, attempt: attempt, policy: policy, chance: chance)
    case (.failed(let failure), _): return after(failure, attempt: attempt, policy: policy, chance: chance)
    }
  }

  private static func after(_ failure: Failure, attempt: Int, policy: RetryPolicy, chance: Double) -> Outcome {
    switch failure.kind {
    case .permanent, .poison, .crash: return .failed(failure)
    case .transient, .deadline:
      guard attempt < policy.attempts else {
        return failure.kind == .deadline ? .timedOut(failure) : .failed(failure)
      }
      let asked = failure.retryAfter.map { min($0, longestRetryAfter) }
      return .retry(failure, after: policy.wait(after: attempt, chance: chance, atLeast: asked))
    }
  }

  private static let deadlineFailure = Failure(
    .deadline, "deadline_exceeded", "The attempt ran past the time that its stage allows.")

  private static let ownCancellation = Failure(
    .transient, "cancelled_by_itself", "The worker said that it was cancelled, and it was not.")
}
