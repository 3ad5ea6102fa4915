import Synchronization

/// Keeps the leases of running attempts, and cuts short what has lost its lease or run past its time.
///
/// It runs on its ticker's executor, outside the cooperative pool. It is the one place of WorkerKit that starts tasks
/// which are not children: an attempt that does not heed its cancellation must not hold its host.
final class LeaseKeeper: Sendable {
  fileprivate struct State {
    /// By authority, since one job can be here twice: a retry that is leased again before its settle has returned, a
    /// lease of the epoch before.
    var attempts: [Authority: ActiveAttempt] = [:]
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
    let authority = attempt.lease.authority
    let once: @Sendable (AttemptResult) -> Void = { [self] result in
      if let end = markEnded(authority) { finish(result, end.interruption) }
    }
    // Under one lock, so that the task's end cannot come before the attempt is known.
    state.withLock { state in
      var attempt = attempt
      let task = Task(executorPreference: executor) { once(await operation()) }
      attempt.cancel = { task.cancel() }
      attempt.abandon = { once(.cancelled) }
      state.attempts[authority] = attempt
    }
  }

  /// Starts what several attempts wait for; gives what cancels it.
  func startShared(
    on executor: (any TaskExecutor)?, _ operation: @escaping @Sendable () async -> Void
  ) -> @Sendable () -> Void {
    let task = Task(executorPreference: executor) { await operation() }
    return { task.cancel() }
  }

  /// Forgets attempts whose outcome is settled, or will never be.
  func release(_ authorities: [Authority]) {
    let drainers = state.withLock { state in
      for authority in authorities { state.attempts.removeValue(forKey: authority) }
      return state.attempts.isEmpty ? state.takeDrainers() : []
    }
    for drainer in drainers { drainer.resume() }
  }

  /// Beats until `drain` was called and the last attempt is gone.
  func run(on ticker: any LeaseTicker) async {
    await withDiscardingTaskGroup { group in
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
  func interruptAll() { interruptForShutdown(state.withLock { Array($0.attempts.keys) }) }

  /// Cuts these attempts short, because the host stops.
  func interruptForShutdown(_ authorities: [Authority]) {
    let now = environment.time.monotonic
    let cancels = state.withLock { state in
      authorities.compactMap { state.interrupt($0, because: .shutdown, at: now) }
    }
    for cancel in cancels { cancel() }
  }

  private func interruptDue(at now: Duration) {
    let (actions, lost) = state.withLock { state in
      var actions: [@Sendable () -> Void] = []
      var lost = 0
      for (authority, attempt) in state.attempts {
        if let reason = attempt.dueInterruption(at: now) {
          if let cancel = state.interrupt(authority, because: reason, at: now) { actions.append(cancel) }
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

  /// Renews at the queue, tells the store of attempts that have begun to last, and asks it about those that go on.
  private func renew(_ due: [ActiveAttempt]) async {
    let askedAt = environment.time.monotonic
    var lost: Set<Authority> = []
    do throws(DriverError) {
      let answers = try await queue.renew(due.map(\.lease))
      for (attempt, answer) in zip(due, answers) {
        let authority = attempt.lease.authority
        if answer == .lost { lost.insert(authority) } else { extend(authority, from: askedAt) }
      }
      let begun = due.filter { !$0.hasBegun && $0.isRunning && !lost.contains($0.lease.authority) }
      if !begun.isEmpty { lost.formUnion(try await begin(begun)) }
      let lasting = due.filter { $0.hasBegun && $0.isRunning && !lost.contains($0.lease.authority) }
      if !lasting.isEmpty { lost.formUnion(try await ended(among: lasting)) }
    } catch {
      // The next beat asks again; a lease that cannot be renewed in time is given up before it runs out.
    }
    finishRenewal(lost: lost)
  }

  private func begin(_ attempts: [ActiveAttempt]) async throws(DriverError) -> Set<Authority> {
    let answers = try await store.begin(
      attempts.map { BegunAttempt(authority: $0.lease.authority, startedAt: $0.startedAt) })
    var stale: Set<Authority> = []
    state.withLock { state in
      for (authority, answer) in zip(attempts.map(\.lease.authority), answers) {
        if answer == .stale { stale.insert(authority) } else { state.attempts[authority]?.hasBegun = true }
      }
    }
    return stale
  }

  /// What the store has ended or given away, and the queue did not hear of: a revocation that was lost on its way.
  private func ended(among attempts: [ActiveAttempt]) async throws(DriverError) -> Set<Authority> {
    // In one file the queue knows what the store knows.
    guard !store.movesQueue else { return [] }
    let leases = attempts.map(\.lease)
    var gone: Set<Authority> = []
    for (lease, answer) in zip(leases, try await store.load(leases)) {
      if case .gone = answer { gone.insert(lease.authority) }
    }
    return gone
  }

  private func extend(_ authority: Authority, from askedAt: Duration) {
    state.withLock { $0.attempts[authority]?.renewedAt = askedAt }
  }

  /// Cuts short what the store says has lost its authority.
  func lose(_ authorities: [Authority]) {
    let running = state.withLock { state in authorities.filter { state.attempts[$0]?.isRunning == true } }
    interrupt(lost: running)
  }

  private func finishRenewal(lost: Set<Authority>) {
    // In this order: a lost lease that was asked for once more would be adopted by a queue that has forgotten it.
    interrupt(lost: Array(lost))
    state.withLock { $0.isRenewing = false }
  }

  private func interrupt(lost: [Authority]) {
    let now = environment.time.monotonic
    let cancels = state.withLock { state in
      lost.compactMap { state.interrupt($0, because: .leaseLost, at: now) }
    }
    for cancel in cancels { cancel() }
    // Not all that were refused: what was settled while they were asked about has lost nothing.
    if !cancels.isEmpty { metrics.add(cancels.count, to: MetricName.leasesLost) }
  }

  /// Marks the result of an attempt as in; nil where it was in already.
  private func markEnded(_ authority: Authority) -> AttemptEnd? {
    state.withLock { state in
      guard let place = state.attempts.index(forKey: authority), state.attempts.values[place].isRunning else {
        return nil
      }
      state.attempts.values[place].isRunning = false
      return AttemptEnd(interruption: state.attempts.values[place].interruption)
    }
  }
}

/// The first end of an attempt.
private struct AttemptEnd {
  let interruption: Interruption?
}

extension LeaseKeeper.State {
  /// Notes why an attempt is cut short, and gives what cancels it; nil where it is gone, or was cut short before.
  fileprivate mutating func interrupt(_ authority: Authority, because reason: Interruption, at now: Duration)
    -> (@Sendable () -> Void)?
  {
    guard let attempt = attempts[authority] else { return nil }
    guard attempt.interruption == nil || (reason == .leaseLost && attempt.interruption != .leaseLost) else {
      return nil
    }
    attempts[authority]?.interruption = reason
    attempts[authority]?.givenUpAt = attempt.givenUpAt ?? now + ActiveAttempt.patience
    return attempt.cancel
  }

  fileprivate mutating func takeDrainers() -> [CheckedContinuation<Void, Never>] {
    defer { drainers = [] }
    return drainers
  }
}
