import WorkerKit
import WorkerKitTesting

extension SeamDriver {
  /// The in-memory pair behind one face: a store that pushes and finishes by itself, as one file for both would.
  static let coupledInMemory = SeamDriver("in memory, coupled") { environment in
    let queue = InMemoryQueue(environment: environment)
    let base = InMemoryStore(environment: environment)
    let push: @Sendable (Handoff?) async throws(DriverError) -> Void = { handoff throws(DriverError) in
      guard let handoff else { return }
      _ = try await queue.push(handoff)
      try await base.arrived([handoff.id])
    }
    var store = AlteredStore(base)
    store.movesQueue = true
    store.routing = { limit, plan, next throws(DriverError) in
      let result = try await base.route(limit: limit, plan: plan, next: next)
      try await push(result.handoff)
      return RouteResult(
        routed: result.routed, jobs: result.jobs, handoff: nil, failed: result.failed, ended: result.ended)
    }
    store.settling = { settlements, plan throws(DriverError) in
      let result = try await base.settle(settlements, plan: plan)
      try await push(result.handoff)
      let settled = zip(settlements, result.answers).filter { $0.1 == .settled }.map(\.0.authority)
      _ = try await queue.finish(settled)
      return SettleResult(answers: result.answers, handoff: nil, emitted: result.emitted, ended: result.ended)
    }
    store.cancelling = { requests, next throws(DriverError) in
      let result = try await base.cancel(requests, next: next)
      try await push(result.handoff)
      _ = try await queue.revoke(result.jobs)
      return CancelResult(answers: result.answers, jobs: result.jobs, handoff: nil, ended: result.ended)
    }
    store.reissuing = { jobs, cause throws(DriverError) in
      let result = try await base.reissue(jobs, because: cause)
      try await push(result.handoff)
      return ReissueResult(answers: result.answers, handoff: nil)
    }
    store.replaying = { requests, next throws(DriverError) in
      let result = try await base.replay(requests, next: next)
      try await push(result.handoff)
      return ReplayResult(answers: result.answers, handoff: nil, ended: result.ended)
    }
    store.refilling = { epoch, cursor, limit throws(DriverError) in
      let page = try await base.refill(in: epoch, after: cursor, limit: limit)
      try await push(page.handoff)
      return RefillPage(handoff: nil, next: page.next)
    }
    store.announcing = { host, workers throws(DriverError) in
      try await push(try await base.announce(host, workers: workers))
      return nil
    }
    return SeamPair(store: store, queue: queue)
  }
}
