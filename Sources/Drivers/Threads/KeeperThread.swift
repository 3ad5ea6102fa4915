public import WorkerKit

/// A thread of its own for the lease keeper: an executor outside the cooperative pool, and a beat.
///
/// Even when workers block every thread of the pool, what runs here goes on: leases are renewed.
public final class KeeperThread: LeaseTicker {
  private struct State {
    var jobs: [UnownedJob] = []
    var waiters: [UnsafeContinuation<Void, Never>] = []
    var isClosed = false
    /// Set when the thread takes no more jobs; what comes later runs on Swift's own pool, not never.
    var hasEnded = false
  }

  private enum Work {
    case jobs([UnownedJob])
    case end
  }

  private let monitor = Monitor(State())

  /// Starts the thread; `interval` lies between two beats.
  public init(interval: Duration = .milliseconds(250)) {
    NamedThread.start("lease-keeper") { [self] in
      var nextBeat = ContinuousClock.now + interval
      while runOnce(until: nextBeat) {
        guard ContinuousClock.now >= nextBeat else { continue }
        beat()
        nextBeat = ContinuousClock.now + interval
      }
      beat()
    }
  }

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let hasEnded = monitor.change { state in
      if !state.hasEnded { state.jobs.append(job) }
      return state.hasEnded
    }
    if hasEnded { globalConcurrentExecutor.enqueue(job) }
  }

  public func nextTick() async {
    await withUnsafeContinuation { continuation in
      let isClosed = monitor.change { state in
        if !state.isClosed { state.waiters.append(continuation) }
        return state.isClosed
      }
      if isClosed { continuation.resume() }
    }
  }

  /// Ends the thread after what it was given; beats come at once from then on, and later jobs run elsewhere.
  public func close() {
    monitor.change { $0.isClosed = true }
  }

  /// Runs what there is, or waits for the next beat; false when closed and done.
  private func runOnce(until nextBeat: ContinuousClock.Instant) -> Bool {
    let work = monitor.wait(atMost: max(.zero, ContinuousClock.now.duration(to: nextBeat))) { state -> Work? in
      if !state.jobs.isEmpty {
        defer { state.jobs = [] }
        return .jobs(state.jobs)
      }
      guard state.isClosed else { return nil }
      state.hasEnded = true
      return .end
    }
    switch work {
    case .jobs(let jobs):
      for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
      return true
    case .end: return false
    case nil: return true
    }
  }

  private func beat() {
    let waiters = monitor.change { state in
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }
}
