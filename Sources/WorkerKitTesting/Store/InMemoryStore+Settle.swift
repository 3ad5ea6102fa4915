public import WorkerKit

extension InMemoryStore {
  /// - Throws: A `DriverError` of kind refused when the planner throws; nothing was settled.
  public func settle(
    _ settlements: [Settlement], plan: @escaping SettlePlanner
  ) async throws(DriverError) -> SettleResult {
    let now = environment.time.now
    return try state.withLock { state throws(DriverError) in
      try state.transact { state throws(DriverError) in
        var work = RunWork()
        let answers = settlements.map { state.settle($0, into: &work, at: now) }
        try state.advance(&work, next: plan, at: now)
        return SettleResult(
          answers: answers, handoff: state.handOver(work.pushes, at: now), emitted: work.emitted,
          ended: state.ended(by: work))
      }
    }
  }

  public func report(_ reports: [ProgressReport]) async throws(DriverError) -> [WriteAnswer] {
    state.withLock { state in
      reports.map { report in
        guard let job = state.jobs[report.authority.job], job.standing.admits(report.authority, in: state.epoch) else {
          return .stale
        }
        state.jobs[job.id]?.progress = (job.progress ?? JobProgress()).followed(by: report.progress)
        return .kept
      }
    }
  }
}
