public import WorkerKit

extension InMemoryStore {
  /// - Throws: A `DriverError` of kind refused when the planner throws; nothing was settled.
  public func settle(
    _ settlements: [Settlement], plan: @escaping SettlePlanner
  ) async throws(DriverError) -> SettleResult {
    let now = environment.time.now
    return try state.withLock { state throws(DriverError) in
      var draft = SettleDraft()
      let answers = settlements.map { draft.settle($0, in: state, at: now) }
      var plans: [(run: RunID, plan: RunPlan)] = []
      for run in draft.endedRuns.sorted() {
        guard let snapshot = draft.snapshot(of: run, in: state) else { continue }
        plans.append((run, try Self.planning { try plan(snapshot) }))
      }
      state.keep(draft)
      var (emitted, pushes) = (0, draft.requeued)
      for (run, plan) in plans {
        let (created, accepted) = state.carryOut(plan, for: run, at: now)
        pushes += created
        emitted += accepted
      }
      return SettleResult(answers: answers, handoff: state.handOver(pushes, at: now), emitted: emitted)
    }
  }
}

extension StoreState {
  fileprivate mutating func keep(_ draft: SettleDraft) {
    jobs.merge(draft.jobs) { $1 }
    for record in draft.records { attempts[record.job, default: []].append(record) }
  }

  /// Does what a plan asks for; gives the new jobs and how many emitted events are new.
  fileprivate mutating func carryOut(
    _ plan: RunPlan, for run: RunID, at moment: Timestamp
  ) -> (created: [JobID], accepted: Int) {
    guard var stored = runs[run] else { return ([], 0) }
    stored.record = stored.record.planned(plan, at: moment)
    runs[run] = stored
    let created = insert(plan, into: stored, at: moment)
    let accepted = plan.emits.count { insert($0, at: moment) == .accepted }
    return (created, accepted)
  }
}
