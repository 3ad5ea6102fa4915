import WorkerKit

extension Mutant {
  static let forgetsDeedsEarly = store(
    "keeps what persons did as long as events", caughtBy: "what was done to a job is known longer than the job"
  ) { store, _ in
    let base = store.base
    store.pruning = { policy, limit throws(DriverError) in
      var policy = policy
      policy.audit = policy.events
      return try await base.prune(policy, limit: limit)
    }
  }

  static let forgetsActivationsEarly = store(
    "keeps no activation to roll back to", caughtBy: "activations leave by when another took their place"
  ) { store, _ in
    let base = store.base
    store.pruning = { policy, limit throws(DriverError) in
      var policy = policy
      policy.activations = .zero
      return try await base.prune(policy, limit: limit)
    }
  }
}
