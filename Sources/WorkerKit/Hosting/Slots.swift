import Synchronization

/// How many more jobs a lane may run. Waiting for a free slot cannot be cancelled, only closed.
final class Slots: Sendable {
  private struct State {
    var free: Int
    var isClosed = false
    var waiter: CheckedContinuation<Int?, Never>?
  }

  private let state: Mutex<State>

  init(_ count: Int) { state = Mutex(State(free: count)) }

  /// The number of free slots as soon as there is one; nil once closed. One waiter at a time.
  func available() async -> Int? {
    await withCheckedContinuation { continuation in
      let answer = state.withLock { state -> Int?? in
        if state.isClosed { return .some(nil) }
        if state.free > 0 { return .some(state.free) }
        state.waiter = continuation
        return nil
      }
      if let answer { continuation.resume(returning: answer) }
    }
  }

  /// Takes slots that `available` has offered.
  func take(_ count: Int) { state.withLock { $0.free -= count } }

  /// Gives a slot back.
  func free() {
    let (waiter, count) = state.withLock { state in
      state.free += 1
      defer { state.waiter = nil }
      return (state.waiter, state.free)
    }
    waiter?.resume(returning: count)
  }

  /// Lets the waiter end.
  func close() {
    let waiter = state.withLock { state in
      state.isClosed = true
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume(returning: nil)
  }
}
