public import WorkerKit

extension InMemoryStore {
  /// A job that somebody began under an old lease gets a new fence here: its row names a holder whom the new epoch's
  /// queue does not know, and would admit nobody else.
  public func advanceEpoch() async throws(DriverError) -> Epoch {
    let now = environment.time.now
    return state.withLock { state in
      state.epoch = state.epoch.raised
      for job in state.jobs.values where job.standing.state.isLive && job.standing.holder != nil {
        state.noteLoss(of: job.id, job.standing, at: now)
        state.jobs[job.id]?.standing = job.standing.reissued(at: now, countingLoss: true)
      }
      return state.epoch
    }
  }

  public func isFilled() async throws(DriverError) -> Bool {
    state.withLock { $0.filledEpoch == $0.epoch }
  }

  public func refill(
    in epoch: Epoch, after cursor: JobID?, limit: Int
  ) async throws(DriverError) -> RefillPage {
    let now = environment.time.now
    return state.withLock { state in
      guard state.epoch == epoch else { return RefillPage(handoff: nil, next: nil) }
      let queued = state.jobs.values.filter { job in
        job.standing.belongsInQueue && (cursor.map { job.id > $0 } ?? true)
      }
      let ids = queued.map(\.id).sorted()
      let page = Array(ids.prefix(max(1, limit)))
      if page.count == ids.count { state.filledEpoch = state.epoch }
      return RefillPage(
        handoff: state.handOver(page, at: now), next: page.count < ids.count ? page.last : nil)
    }
  }
}
