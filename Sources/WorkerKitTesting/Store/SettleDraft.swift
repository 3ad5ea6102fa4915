internal import WorkerKit

/// What a batch of settlements comes to, before any of it is kept.
struct SettleDraft: Sendable {
  private(set) var jobs: [JobID: Job] = [:]
  private(set) var records: [AttemptRecord] = []
  /// The jobs that go back to their queues, in the order of their settlements.
  private(set) var requeued: [JobID] = []
  /// The runs in which a job ended.
  private(set) var endedRuns: Set<RunID> = []

  /// Settles one attempt: the seam's `ok`, else the same answer again, else ended, else stale.
  mutating func settle(_ settlement: Settlement, in state: StoreState, at moment: Timestamp) -> SettleAnswer {
    let authority = settlement.authority
    guard var job = jobs[authority.job] ?? state.jobs[authority.job] else { return .stale }
    guard job.standing.admits(authority, in: state.epoch) else {
      if wasSettled(authority, in: state) { return .settled }
      return job.standing.state.isLive ? .stale : .ended
    }
    records.append(record(of: settlement, by: job.standing, at: moment))
    job.standing = job.standing.settled(
      settlement.outcome, by: authority.holder, startedAt: settlement.startedAt, at: moment)
    job.keepResult(of: settlement.outcome)
    jobs[job.id] = job
    if job.standing.state == .queued { requeued.append(job.id) }
    if !job.standing.state.isLive { endedRuns.insert(job.run) }
    return .settled
  }

  /// The run with what the draft makes of its jobs.
  func snapshot(of run: RunID, in state: StoreState) -> RunSnapshot? {
    guard let stored = state.runs[run] else { return nil }
    var stages: [StageName: StageResult] = [:]
    for id in state.jobsByRun[run, default: []] {
      guard let job = jobs[id] ?? state.jobs[id] else { continue }
      stages[job.stage] = StageResult(state: job.standing.state, output: job.output)
    }
    return RunSnapshot(
      id: run, pipeline: stored.record.pipeline, revision: stored.record.revision, event: stored.event.bytes,
      stages: stages)
  }

  private func wasSettled(_ authority: Authority, in state: StoreState) -> Bool {
    let drafted = records.last { $0.job == authority.job && $0.fence == authority.fence }
    guard let record = drafted ?? state.attempt(of: authority.job, under: authority.fence) else { return false }
    // A lost lease is no settlement, even where its holder had begun.
    return record.holder == authority.holder && record.outcome != AttemptRecord.lost
  }

  private func record(
    of settlement: Settlement, by standing: JobStanding, at moment: Timestamp
  ) -> AttemptRecord {
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
    case .released, .parked: break
    }
  }
}
