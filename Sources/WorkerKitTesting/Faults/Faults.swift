public import WorkerKit

/// What shall go wrong with the verbs of a store or a queue, and how often each was called.
public final class Faults<Verb: Hashable & Sendable>: Sendable {
  private struct State: Sendable {
    var failures: [Verb: [DriverError]] = [:]
    var losses: [Verb: Int] = [:]
    var held: Set<Verb> = []
    var heldAnswers: Set<Verb> = []
    var calls: [Verb: Int] = [:]
  }

  /// Raised whenever a call has done its work, answered or thrown, so that a test can look again at what it waits for.
  public let answered: Signal

  private let state = Monitor(State())

  init(answered: Signal) { self.answered = answered }

  /// Makes the next `times` calls of `verb` throw `error` without doing anything.
  public func failNext(_ verb: Verb, with error: DriverError, times: Int = 1) {
    state.withLock { $0.failures[verb, default: []] += Array(repeating: error, count: times) }
  }

  /// Makes the next `times` calls of `verb` do their work and then throw, as when a connection breaks after a commit.
  public func loseAnswer(of verb: Verb, times: Int = 1) {
    state.withLock { $0.losses[verb, default: 0] += times }
  }

  /// Suspends every call of `verb`, before it does anything, until `release(_:)`.
  public func hold(_ verb: Verb) { _ = state.withLock { $0.held.insert(verb) } }

  /// Suspends every call of `verb`, after it has done its work, until `release(_:)`.
  public func holdAnswers(of verb: Verb) { _ = state.withLock { $0.heldAnswers.insert(verb) } }

  /// Lets the calls of `verb` go on, and their answers.
  public func release(_ verb: Verb) {
    state.withLock { state in
      state.held.remove(verb)
      state.heldAnswers.remove(verb)
    }
  }

  /// How often `verb` was called so far, failed and held calls included.
  public func calls(of verb: Verb) -> Int { state.withLock { $0.calls[verb, default: 0] } }

  /// Suspends until `verb` was called `count` times in all; throws `CancellationError` when cancelled before.
  public func waitForCalls(of verb: Verb, count: Int = 1) async throws {
    try await state.wait { $0.calls[verb, default: 0] >= count }
  }

  /// The error of an answer that was lost.
  public static var lostAnswer: DriverError {
    DriverError(.unavailable, "answer_lost", "The connection broke before the answer; ask again.")
  }

  func pass<Answer: Sendable>(
    _ verb: Verb, _ work: () async throws(DriverError) -> Answer
  ) async throws(DriverError) -> Answer {
    state.withLock { $0.calls[verb, default: 0] += 1 }
    defer { answered.raise() }
    try await wait { !$0.held.contains(verb) }
    if let failure = state.withLock({ $0.failures[verb]?.popFirst() }) { throw failure }
    let answer = try await work()
    answered.raise()
    try await wait { !$0.heldAnswers.contains(verb) }
    let isLost = state.withLock { state in
      guard let left = state.losses[verb], left > 0 else { return false }
      state.losses[verb] = left - 1
      return true
    }
    if isLost { throw Self.lostAnswer }
    return answer
  }

  private func wait(until isReady: @escaping @Sendable (State) -> Bool) async throws(DriverError) {
    // A cancelled task may call as long as nothing is held: drivers answer it as well.
    if state.withLock({ isReady($0) }) { return }
    do {
      try await state.wait(until: isReady)
    } catch {
      throw DriverError(.unavailable, "call_cancelled", "The call was cancelled while it was held.")
    }
  }
}

extension [DriverError] {
  fileprivate mutating func popFirst() -> DriverError? { isEmpty ? nil : removeFirst() }
}
