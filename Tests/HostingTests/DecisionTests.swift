import Testing
import WorkerKit

@Suite("What follows from an attempt")
struct DecisionTests {
  private static let policy = RetryPolicy(attempts: 3, initial: .seconds(1), longest: .seconds(60))
  private static let done = AttemptResult.returned(output: Array("{}".utf8), artifacts: [])
  private static let interruptions: [Interruption?] = [nil, .leaseLost, .deadline, .shutdown]

  private func failed(_ kind: FailureKind) -> AttemptResult { .failed(Failure(kind, "broken", "It broke.")) }

  private func word(_ result: AttemptResult, _ interruption: Interruption?, attempt: Int) -> String? {
    Decision.outcome(of: result, interruption: interruption, attempt: attempt, policy: Self.policy, chance: 0.5)?.word
  }

  @Test("A lost lease leaves nothing to settle, whatever the attempt came to")
  func leaseLost() {
    for attempt in 1...4 {
      for result in [Self.done, .cancelled] + FailureKind.allCases.map({ failed($0) }) {
        #expect(word(result, .leaseLost, attempt: attempt) == nil)
      }
    }
  }

  @Test("A process that was killed for its time tells of it itself")
  func deadlineEvidence() {
    let evidence = Failure(.deadline, "isolation_deadline", "It was killed.", fields: ["signal": "SIGKILL"])
    let outcome = Decision.outcome(
      of: .failed(evidence), interruption: .deadline, attempt: 3, policy: Self.policy, chance: 0.5)
    guard case .timedOut(let failure)? = outcome else {
      Issue.record("not timed out")
      return
    }
    #expect(failure == evidence)
  }

  @Test("Work that was done counts as done, however late", arguments: [nil, .deadline, .shutdown] as [Interruption?])
  func done(_ interruption: Interruption?) {
    for attempt in 1...4 { #expect(word(Self.done, interruption, attempt: attempt) == "succeeded") }
  }

  @Test("A failure's kind and the attempts decide", arguments: FailureKind.allCases)
  func failures(_ kind: FailureKind) {
    for attempt in 1...4 {
      let isSpent = attempt >= Self.policy.attempts
      let expected =
        switch kind {
        case .permanent, .poison, .crash: "failed"
        case .transient: isSpent ? "failed" : "retry"
        case .deadline: isSpent ? "timed_out" : "retry"
        }
      #expect(word(failed(kind), nil, attempt: attempt) == expected, "attempt \(attempt)")
      #expect(word(failed(kind), .deadline, attempt: attempt) == (isSpent ? "timed_out" : "retry"))
      #expect(word(failed(kind), .shutdown, attempt: attempt) == "released")
    }
  }

  @Test("What the host cut short is released at its end, and timed out after its time")
  func cancelled() {
    for attempt in 1...4 {
      #expect(word(.cancelled, .shutdown, attempt: attempt) == "released")
      #expect(word(.cancelled, .deadline, attempt: attempt) == (attempt < 3 ? "retry" : "timed_out"))
    }
  }

  @Test("A worker that says it was cancelled when it was not has failed: it may not come back for ever")
  func cancelledByItself() {
    #expect(word(.cancelled, nil, attempt: 1) == "retry")
    #expect(word(.cancelled, nil, attempt: 3) == "failed")
  }

  @Test("An attempt that ran past its time names that as its failure")
  func deadlineFailure() {
    let outcome = Decision.outcome(
      of: failed(.permanent), interruption: .deadline, attempt: 3, policy: Self.policy, chance: 0)
    #expect(outcome?.failure?.kind == .deadline && outcome?.failure?.code == "deadline_exceeded")
  }

  @Test("A retry waits as the policy draws it, and as long as the other side asked")
  func waits() {
    func wait(_ failure: Failure, chance: Double) -> Duration? {
      let outcome = Decision.outcome(
        of: .failed(failure), interruption: nil, attempt: 2, policy: Self.policy, chance: chance)
      guard case .retry(_, let wait)? = outcome else { return nil }
      return wait
    }
    let plain = Failure(.transient, "unwell", "Later.")
    #expect(wait(plain, chance: 0) == .zero)
    #expect(wait(plain, chance: 0.5) == .seconds(1))
    let asked = Failure(.transient, "unwell", "Later.", retryAfter: .seconds(90))
    #expect(wait(asked, chance: 0.5) == .seconds(90))
    #expect(wait(Failure(.transient, "unwell", "Later.", retryAfter: .seconds(-90)), chance: 0.5) == .seconds(1))
  }

  @Test("What another side asks for is bounded: a wait of ages would be a loss, and an overflow a crash")
  func boundsRetryAfter() {
    let forever = Failure(.transient, "unwell", "Later.", retryAfter: .seconds(Int64.max))
    let outcome = Decision.outcome(
      of: .failed(forever), interruption: nil, attempt: 1, policy: Self.policy, chance: 0.5)
    guard case .retry(_, let wait)? = outcome else {
      Issue.record("It is retried.")
      return
    }
    #expect(wait == Decision.longestRetryAfter)
  }
}
