public import WorkerKit

/// A queue that lives as long as its process, and keeps every promise of `JobQueue` but that.
///
/// Due times and leases are counted on the monotonic clock, so a step of the wall clock moves none of them.
public final class InMemoryQueue: JobQueue {
  private let environment: Environment
  private let state: Monitor<QueueState>

  /// An empty queue in `epoch`.
  public init(environment: Environment, epoch: Epoch = .first) {
    self.environment = environment
    state = Monitor(QueueState(epoch: epoch))
  }

  public func push(_ handoff: Handoff) async throws(DriverError) -> [PushAnswer] {
    let (now, monotonic) = (environment.time.now, environment.time.monotonic)
    return state.withLock { state in
      guard handoff.epoch == state.epoch, now <= handoff.notAfter else {
        return handoff.entries.map { _ in .refused }
      }
      return handoff.entries.map { state.push($0, at: monotonic) }
    }
  }

  public func lease(_ request: LeaseRequest) async throws(DriverError) -> [Lease] {
    let deadline = environment.time.monotonic + request.wait
    while true {
      let now = environment.time.monotonic
      let grant = state.withLock { state in
        state.grant(request, at: now) { Holder(rawValue: environment.id()) }
      }
      guard grant.leases.isEmpty, now < deadline, !Task.isCancelled else { return grant.leases }
      let wakeAt = min(deadline, grant.nextDue ?? deadline)
      await pause(for: wakeAt - now, orUntilChangedSince: grant.changes)
    }
  }

  public func renew(_ leases: [Lease]) async throws(DriverError) -> [RenewAnswer] {
    let now = environment.time.monotonic
    return state.withLock { state in leases.map { state.renew($0, at: now) } }
  }

  public func finish(_ authorities: [Authority]) async throws(DriverError) -> [FinishAnswer] {
    state.withLock { state in authorities.map { state.finish($0) } }
  }

  public func revoke(_ jobs: [FencedJob]) async throws(DriverError) -> [RevokeAnswer] {
    state.withLock { state in jobs.map { state.revoke($0) } }
  }

  public func expired(limit: Int) async throws(DriverError) -> [Authority] {
    let now = environment.time.monotonic
    return state.withLock { $0.expired(at: now, limit: limit) }
  }

  public func known(_ jobs: [FencedJob]) async throws(DriverError) -> [KnownAnswer] {
    state.withLock { state in jobs.map { state.known($0) } }
  }

  public func depths() async throws(DriverError) -> [QueueDepth] {
    let now = environment.time.monotonic
    return state.withLock { $0.depths(at: now) }
  }

  /// - Throws: A `DriverError` of kind refused when `epoch` is older than the queue's own.
  public func open(_ epoch: Epoch, under controls: QueueControls) async throws(DriverError) {
    try state.withLock { state throws(DriverError) in
      guard epoch >= state.epoch else {
        throw DriverError(.refused, "epoch_passed", "The queue is in a newer epoch; read the store's epoch again.")
      }
      if epoch > state.epoch { state.wipe(for: epoch, under: controls) } else { state.take(controls) }
    }
  }

  public func project(_ controls: QueueControls) async throws(DriverError) {
    state.withLock { $0.take(controls) }
  }

  public func isOpen(in epoch: Epoch) async throws(DriverError) -> Bool { state.withLock { $0.epoch == epoch } }

  private func pause(for length: Duration, orUntilChangedSince changes: UInt64) async {
    await withTaskGroup(of: Void.self) { group in
      // Cancellation only ends the pause early: the caller looks at the queue again, or sees that it was cancelled.
      group.addTask { [time = environment.time] in try? await time.sleep(for: length) }
      group.addTask { [state] in try? await state.wait { $0.changes > changes } }
      await group.next()
      group.cancelAll()
    }
  }
}
