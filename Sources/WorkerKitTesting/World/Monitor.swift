internal import Synchronization

/// A state under a lock, and tasks that wait until the state is as they need it: Hoare's monitor.
///
/// Every change wakes the tasks whose condition has come true, in the order in which they began to wait.
final class Monitor<State: Sendable>: Sendable {
  private struct Waiter: Sendable {
    let id: UInt64
    let isReady: @Sendable (State) -> Bool
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct Content: Sendable {
    var state: State
    var waiters: [Waiter] = []
    var lastID: UInt64 = 0
    /// Cancelled between taking a number and beginning to wait.
    var cancelled: Set<UInt64> = []
  }

  private let content: Mutex<Content>

  init(_ state: State) { content = Mutex(Content(state: state)) }

  /// Reads or changes the state. What throws must not have changed it.
  func withLock<Result: Sendable, Failure: Error>(
    _ body: (inout State) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let (result, ready) = try content.withLock { content throws(Failure) -> (Result, [Waiter]) in
      let result = try body(&content.state)
      guard !content.waiters.isEmpty else { return (result, []) }
      let ready = content.waiters.filter { $0.isReady(content.state) }
      let woken = Set(ready.map(\.id))
      content.waiters.removeAll { woken.contains($0.id) }
      return (result, ready)
    }
    for waiter in ready { waiter.continuation.resume() }
    return result
  }

  /// Suspends until `isReady`; throws `CancellationError` when the task is cancelled before.
  func wait(until isReady: @escaping @Sendable (State) -> Bool) async throws {
    let id = content.withLock { content in
      content.lastID += 1
      return content.lastID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        enter(Waiter(id: id, isReady: isReady, continuation: continuation))
      }
    } onCancel: {
      leave(id)
    }
    _ = content.withLock { $0.cancelled.remove(id) }
  }

  private func enter(_ waiter: Waiter) {
    let answer: Result<Void, any Error>? = content.withLock { content in
      if content.cancelled.remove(waiter.id) != nil { return .failure(CancellationError()) }
      if waiter.isReady(content.state) { return .success(()) }
      content.waiters.append(waiter)
      return nil
    }
    if let answer { waiter.continuation.resume(with: answer) }
  }

  private func leave(_ id: UInt64) {
    let waiter = content.withLock { content -> Waiter? in
      guard let index = content.waiters.firstIndex(where: { $0.id == id }) else {
        content.cancelled.insert(id)
        return nil
      }
      return content.waiters.remove(at: index)
    }
    waiter?.continuation.resume(throwing: CancellationError())
  }
}
