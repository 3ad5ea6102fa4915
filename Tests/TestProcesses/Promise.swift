import Foundation
import Synchronization

/// A value that comes once, from any thread. Who asks for it waits without holding a thread.
final class Promise<Value: Sendable>: Sendable {
  typealias Outcome = Result<Value, ProgramProblem>

  private struct State {
    var outcome: Outcome?
    var waiters: [CheckedContinuation<Outcome, Never>] = []
  }

  private let state = Mutex(State())

  init() {}

  /// The value of a body that blocks, from a thread of its own.
  init(blocking body: @escaping @Sendable () -> Value) {
    Thread.detachNewThread { self.fulfil(.success(body())) }
  }

  /// Gives the outcome; false where there is one already, which stays.
  @discardableResult func fulfil(_ outcome: Outcome) -> Bool {
    let waiters = state.withLock { state -> [CheckedContinuation<Outcome, Never>]? in
      guard state.outcome == nil else { return nil }
      defer { state.waiters = [] }
      state.outcome = outcome
      return state.waiters
    }
    for waiter in waiters ?? [] { waiter.resume(returning: outcome) }
    return waiters != nil
  }

  /// The value; once `seconds` have passed it is too late for it, and `giveUp` is called.
  func value(
    of program: String, within seconds: Int, giveUp: @escaping @Sendable () -> Void = {}
  ) async throws(ProgramProblem) -> Value {
    alarms.asyncAfter(deadline: .now() + .seconds(seconds)) {
      if self.fulfil(.failure(.late(program: program, seconds: seconds))) { giveUp() }
    }
    let outcome = await withCheckedContinuation { continuation in
      let outcome = state.withLock { state in
        if state.outcome == nil { state.waiters.append(continuation) }
        return state.outcome
      }
      if let outcome { continuation.resume(returning: outcome) }
    }
    return try outcome.get()
  }
}

// A queue of its own has a thread of its own: it comes in time however long all others are blocked.
private let alarms = DispatchQueue(label: "deadlines of test processes")
