internal import WorkerKit

extension SeamBench {
  /// Prunes step by step until nothing is left to remove; gives all that was removed.
  func pruneAll(_ policy: RetentionPolicy, limit: Int = 9) async throws -> Pruned {
    var all = Pruned()
    while case let pruned = try await store.prune(policy, limit: limit), !pruned.isEmpty {
      all.supersededRuns += pruned.supersededRuns
      all.finishedRuns += pruned.finishedRuns
      all.deadRuns += pruned.deadRuns
      all.events += pruned.events
      all.windows += pruned.windows
      all.eventReplays += pruned.eventReplays
      all.audit += pruned.audit
      all.activations += pruned.activations
      all.revisions += pruned.revisions
    }
    return all
  }
}
