public import WorkerKit

extension InMemoryStore {
  public func cancel(
    _ requests: [CancelRequest], next: @escaping SettlePlanner
  ) async throws(DriverError) -> CancelResult {
    let now = environment.time.now
    return try state.withLock { state throws(DriverError) in
      try state.transact { state throws(DriverError) in
        var (work, cancelled) = (RunWork(), [FencedJob]())
        let answers = requests.map { state.cancel($0, into: &work, &cancelled, at: now) }
        try state.advance(&work, next: next, at: now)
        return CancelResult(
          answers: answers, jobs: cancelled, handoff: state.handOver(work.pushes, at: now),
          ended: state.ended(by: work))
      }
    }
  }
}

extension StoreState {
  fileprivate mutating func cancel(
    _ request: CancelRequest, into work: inout RunWork, _ cancelled: inout [FencedJob], at moment: Timestamp
  ) -> CancelAnswer {
    switch request.target {
    case .job(let id):
      guard let job = jobs[id] else { return .missing }
      guard job.standing.state.isLive else { return .ended }
      cancel(job, request, into: &work, &cancelled, at: moment)
      return .cancelled
    case .run(let id):
      guard let run = runs[id] else { return .missing }
      guard run.record.standing.state == .running else { return .ended }
      var standing = run.record.standing
      (standing.state, standing.finishedAt) = (.cancelled, moment)
      runs[id]?.record = run.record.with(standing)
      for job in jobsByRun[id, default: []].compactMap({ jobs[$0] }) where job.standing.state.isLive {
        cancel(job, request, into: &work, &cancelled, at: moment)
      }
      for line in lines.keys { leave(line, run: id, into: &work) }
      return .cancelled
    }
  }

  private mutating func cancel(
    _ job: Job, _ request: CancelRequest, into work: inout RunWork, _ cancelled: inout [FencedJob],
    at moment: Timestamp
  ) {
    audits[job.id, default: []].append(
      AuditRecord(
        at: moment, by: request.by, action: .cancel, fence: job.standing.fence, reason: request.reason))
    cancelled.append(FencedJob(job: job.id, fence: job.standing.fence))
    jobs[job.id]?.standing = job.standing.cancelled(because: CancelRequest.word, at: moment)
    noteEnd(of: job.id, at: moment)
    work.ended.append(job.id)
    work.runs.insert(job.run)
    if job.ordering.orders { work.ordered.append(job.id) }
  }

  /// The turns of stages to come, which will have no job.
  private mutating func leave(_ line: OrderingKey, run: RunID, into work: inout RunWork) {
    guard lines[line]?.contains(run) == true else { return }
    work.freed.append((line, run))
  }
}
