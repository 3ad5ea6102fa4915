internal import WorkerKit

extension StoreState {
  /// Settles one attempt: the seam's `ok`, else the same answer again, else ended, else stale.
  mutating func settle(_ settlement: Settlement, into work: inout RunWork, at moment: Timestamp) -> SettleAnswer {
    let authority = settlement.authority
    guard var job = jobs[authority.job] else { return .stale }
    guard job.standing.admits(authority, in: epoch) else {
      if wasSettled(authority) { return .settled }
      return job.standing.state.isLive ? .stale : .ended
    }
    attempts[job.id, default: []].append(record(of: settlement, by: job.standing, at: moment))
    job.standing = job.standing.settled(
      settlement.outcome, by: authority.holder, startedAt: settlement.startedAt, at: moment)
    job.keepResult(of: settlement.outcome)
    jobs[job.id] = job
    if job.standing.belongsInQueue { work.pushes.append(job.id) }
    if !job.standing.state.isLive { work.runs.insert(job.run) }
    if job.ordering.orders { work.ordered.append(job.id) }
    return .settled
  }

  private func wasSettled(_ authority: Authority) -> Bool {
    guard let record = attempt(of: authority.job, under: authority.fence) else { return false }
    // A lost lease is no settlement, even where its holder had begun.
    return record.holder == authority.holder && record.outcome != AttemptRecord.lost
  }

  private func record(of settlement: Settlement, by standing: JobStanding, at moment: Timestamp) -> AttemptRecord {
    AttemptRecord(
      job: settlement.authority.job, fence: standing.fence, attempt: standing.attempts + 1,
      holder: settlement.authority.holder, host: settlement.host, startedAt: settlement.startedAt,
      finishedAt: moment, outcome: settlement.outcome.word, failure: settlement.outcome.failure)
  }
}

extension Job {
  /// What an outcome leaves behind besides the standing.
  fileprivate mutating func keepResult(of outcome: Outcome) {
    switch outcome {
    case .succeeded(let output, let artifacts): (self.output, self.artifacts, failure) = (output, artifacts, nil)
    case .failed(let failure), .timedOut(let failure), .retry(let failure, _): self.failure = failure
    case .released, .parked, .awaiting: break
    }
  }
}
