import Synchronization

/// Wakes tasks that wait for something to happen. What was raised since the waiter last looked is never missed.
public final class Signal: Sendable {
  private struct State {
    var count: UInt64 = 0
    var nextWaiter: UInt64 = 0
    var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
  }

  private let state = Mutex(State())

  /// A signal that was never raised.
  public init() {}

  /// How often it was raised: look at this, then look for work, then wait for a later raise.
  public var count: UInt64 { state.withLock { $0.count } }

  /// Wakes every waiter.
  public func raise() {
    let waiters = state.withLock { state in
      state.count += 1
      defer { state.waiters = [:] }
      return state.waiters.values
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Returns when the signal has been raised after it stood at `count`, or when the task is cancelled.
  public func wait(after count: UInt64) async {
    let waiter = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if state.count != count || Task.isCancelled { return true }
          state.waiters[waiter] = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: waiter) }?.resume()
    }
  }

  /// The same, but returns after `limit` at the latest.
  public func wait(after count: UInt64, atMost limit: Duration, on time: any TimeSource) async {
    guard limit > .zero else { return }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.wait(after: count) }
      group.addTask { try? await time.sleep(for: limit) }
      await group.next()
      group.cancelAll()
    }
  }
}
