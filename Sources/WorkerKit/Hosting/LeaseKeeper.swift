import Synchronization

/// Keeps the leases of running attempts, and cuts short what has lost its lease or run past its time.
///
/// It runs on its ticker's executor, outside the cooperative pool. It is the one place of WorkerKit that starts tasks
/// which are not children: an attempt that does not heed its cancellation must not hold its host.
final class LeaseKeeper: Sendable {
  fileprivate struct State {
    var attempts: [JobID: ActiveAttempt] = [:]
    var isRenewing = false
    var isStopping = false
    var drainers: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())
  private let store: any JobStore
  private let queue: any JobQueue
  private let environment: Environment
  private let metrics: Metrics

  init(store: any JobStore, queue: any JobQueue, environment: Environment, metrics: Metrics) {
    self.store = store
    self.queue = queue
    self.environment = environment
    self.metrics = metrics
  }

  /// Starts an attempt. `finish` is called once, with its result and why it was cut short.
  func start(
    _ attempt: ActiveAttempt, on executor: (any TaskExecutor)?,
    _ operation: @escaping @Sendable () async -> AttemptResult,
    finish: @escaping @Sendable (AttemptResult, Interruption?) -> Void
  ) {
    let claim = attempt.claim
    let once: @Sendable (AttemptResult) -> Void = { [self] result in
      if let end = markEnded(claim) { finish(result, end.interruption) }
    }
    // Under one lock, so that the task's end cannot come before the attempt is known.
    state.withLock { state in
      var attempt = attempt
      state.attempts[claim.job] = attempt
      let task = Task(executorPreference: executor) { once(await operation()) }
      attempt.cancel = { task.cancel() }
      attempt.abandon = { once(.cancelled) }
      state.attempts[claim.job] = attempt
    }
  }

  /// Forgets attempts whose outcome is settled, or will never be. Under a newer fence the job may be here again.
  func release(_ claims: [FencedJob]) {
    let drainers = state.withLock { state in
      for claim in claims where state.attempts[claim.job]?.lease.authority.fence == claim.fence {
        state.attempts.removeValue(forKey: claim.job)
      }
      return state.attempts.isEmpty ? state.takeDrainers() : []
    }
    for drainer in drainers { drainer.resume() }
  }

  /// Beats until `drained` has returned.
  func run(on ticker: any LeaseTicker) async {
    await withTaskGroup(of: Void.self) { group in
      while !state.withLock({ $0.isStopping && $0.attempts.isEmpty }) {
        await ticker.nextTick()
        let now = environment.time.monotonic
        interruptDue(at: now)
        let due = takeRenewals(at: now)
        if !due.isEmpty { group.addTask { await self.renew(due) } }
      }
    }
  }

  /// Lets the beat end with the last attempt, and returns when that is gone.
  func drain() async {
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        state.isStopping = true
        if !state.attempts.isEmpty { state.drainers.append(continuation) }
        return state.attempts.isEmpty
      }
      if isOver { continuation.resume() }
    }
  }

  /// Cuts every running attempt short, because the host stops.
  func interruptAll() {
    let now = environment.time.monotonic
    let cancels = state.withLock { state in
      state.attempts.values.compactMap { state.interrupt($0.claim, because: .shutdown, at: now) }
    }
    for cancel in cancels { cancel() }
  }

  private func interruptDue(at now: Duration) {
    let (actions, lost) = state.withLock { state in
      var actions: [@Sendable () -> Void] = []
      var lost = 0
      for attempt in state.attempts.values {
        if let reason = attempt.dueInterruption(at: now) {
          if let cancel = state.interrupt(attempt.claim, because: reason, at: now) { actions.append(cancel) }
          if reason == .leaseLost { lost += 1 }
        } else if let end = attempt.givenUpAt, now >= end, attempt.isRunning {
          actions.append(attempt.abandon)
        }
      }
      return (actions, lost)
    }
    for action in actions { action() }
    if lost > 0 { metrics.add(lost, to: MetricName.leasesLost) }
  }

  private func takeRenewals(at now: Duration) -> [ActiveAttempt] {
    state.withLock { state in
      guard !state.isRenewing else { return [] }
      let due = state.attempts.values.filter { $0.needsRenewal(at: now) }
      state.isRenewing = !due.isEmpty
      return due
    }
  }

  /// Renews at the queue, and tells the store of attempts that have begun to last.
  private func renew(_ due: [ActiveAttempt]) async {
    let askedAt = environment.time.monotonic
    var lost: Set<FencedJob> = []
    do throws(DriverError) {
      let answers = try await queue.renew(due.map(\.lease))
      for (attempt, answer) in zip(due, answers) {
        if answer == .lost { lost.insert(attempt.claim) } else { extend(attempt.claim, from: askedAt) }
      }
      let begun = due.filter { !$0.hasBegun && $0.isRunning && !lost.contains($0.claim) }
      if !begun.isEmpty { lost.formUnion(try await begin(begun)) }
    } catch {
      // The next beat asks again; a lease that cannot be renewed in time is given up before it runs out.
    }
    finishRenewal(lost: lost)
  }

  private func begin(_ attempts: [ActiveAttempt]) async throws(DriverError) -> Set<FencedJob> {
    let answers = try await store.begin(
      attempts.map { BegunAttempt(authority: $0.lease.authority, startedAt: $0.startedAt) })
    var stale: Set<FencedJob> = []
    state.withLock { state in
      for (attempt, answer) in zip(attempts, answers) {
        if answer == .stale { stale.insert(attempt.claim) } else { state.change(attempt.claim) { $0.hasBegun = true } }
      }
    }
    return stale
  }

  private func extend(_ claim: FencedJob, from askedAt: Duration) {
    state.withLock { state in state.change(claim) { $0.renewedAt = askedAt } }
  }

  private func finishRenewal(lost: Set<FencedJob>) {
    let now = environment.time.monotonic
    let cancels = state.withLock { state in
      state.isRenewing = false
      return lost.compactMap { state.interrupt($0, because: .leaseLost, at: now) }
    }
    for cancel in cancels { cancel() }
    if !lost.isEmpty { metrics.add(lost.count, to: MetricName.leasesLost) }
  }

  /// Marks the result of an attempt as in; nil where it was in already, or the job is with another attempt.
  private func markEnded(_ claim: FencedJob) -> AttemptEnd? {
    state.withLock { state in
      guard let attempt = state.attempts[claim.job], attempt.claim == claim, attempt.isRunning else { return nil }
      state.change(claim) { $0.isRunning = false }
      return AttemptEnd(interruption: attempt.interruption)
    }
  }
}

/// The first end of an attempt.
private struct AttemptEnd {
  let interruption: Interruption?
}

extension LeaseKeeper.State {
  fileprivate mutating func change(_ claim: FencedJob, _ body: (inout ActiveAttempt) -> Void) {
    guard var attempt = attempts[claim.job], attempt.claim == claim else { return }
    body(&attempt)
    attempts[claim.job] = attempt
  }

  fileprivate mutating func interrupt(_ claim: FencedJob, because reason: Interruption, at now: Duration)
    -> (@Sendable () -> Void)?
  {
    guard let attempt = attempts[claim.job], attempt.claim == claim else { return nil }
    guard attempt.interruption == nil || reason == .leaseLost else { return nil }
    change(claim) {
      $0.interruption = reason
      $0.givenUpAt = now + ActiveAttempt.patience
    }
    return attempt.cancel
  }

  fileprivate mutating func takeDrainers() -> [CheckedContinuation<Void, Never>] {
    defer { drainers = [] }
    return drainers
  }
}
