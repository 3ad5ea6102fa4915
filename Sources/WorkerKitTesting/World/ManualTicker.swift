public import WorkerKit

/// What drives the lease keeper of a host under test: it beats when it is told to, and never by itself.
///
/// What a host runs on it runs on Swift's own pool, which no test with a manual ticker may block.
public final class ManualTicker: LeaseTicker {
  private struct State: Sendable {
    var waiting: [CheckedContinuation<Void, Never>] = []
    var arrivals: UInt64 = 0
    var isFree = false
  }

  private let state = Monitor(State())

  /// A ticker that stands still.
  public init() {}

  public func enqueue(_ job: consuming ExecutorJob) { globalConcurrentExecutor.enqueue(job) }

  public func nextTick() async {
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        state.arrivals += 1
        if !state.isFree { state.waiting.append(continuation) }
        return state.isFree
      }
      if isFree { continuation.resume() }
    }
    await Task.yield()
  }

  /// Waits until somebody waits for the beat, beats once, and returns when all of them wait for the next one.
  ///
  /// By then everything due was begun, not ended: renewals are under way. It throws `CancellationError` when cancelled.
  public func beat() async throws {
    try await state.wait { $0.isFree || !$0.waiting.isEmpty }
    let awaited = beatOnce()
    try await state.wait { $0.isFree || $0.arrivals >= awaited }
  }

  /// Beats from now on as often as it is asked: for the end of a test.
  public func beatFreely() {
    state.withLock { $0.isFree = true }
    _ = beatOnce()
  }

  /// Gives how many arrivals there will have been when everybody is back.
  private func beatOnce() -> UInt64 {
    let (waiting, awaited) = state.withLock { state in
      defer { state.waiting = [] }
      return (state.waiting, state.arrivals + UInt64(state.waiting.count))
    }
    for continuation in waiting { continuation.resume() }
    return awaited
  }
}
