public import WorkerKit

extension InMemoryStore {
  public func reissue(
    _ jobs: [FencedJob], because cause: ReissueCause
  ) async throws(DriverError) -> ReissueResult {
    let now = environment.time.now
    return state.withLock { state in
      let answers = jobs.map { state.reissue($0, because: cause, at: now) }
      let raised = zip(jobs, answers).filter { $0.1 == .raised }.map(\.0.job)
      return ReissueResult(answers: answers, handoff: state.handOver(raised, at: now))
    }
  }

  public func due(limit: Int) async throws(DriverError) -> [OverdueHandoff] {
    let now = environment.time.now
    return state.withLock { $0.due(limit: limit, at: now) }
  }

  public func arrived(_ handoffs: [Int64]) async throws(DriverError) {
    state.withLock { state in for id in handoffs { state.handoffs[id] = nil } }
  }

  public func replay(
    _ requests: [ReplayRequest], next: @escaping SettlePlanner
  ) async throws(DriverError) -> ReplayResult {
    let now = environment.time.now
    return try state.withLock { state throws(DriverError) in
      try state.transact { state throws(DriverError) in
        var (answers, work) = ([ReplayAnswer](), RunWork())
        for request in requests { answers.append(try state.replay(request, into: &work, at: now)) }
        try state.advance(&work, next: next, at: now)
        return ReplayResult(
          answers: answers, handoff: state.handOver(work.pushes, at: now), ended: state.ended(by: work))
      }
    }
  }

  public func announce(_ host: HostID, workers: [WorkerName]) async throws(DriverError) -> Handoff? {
    let now = environment.time.now
    return state.withLock { state in
      state.hosts[host] = Set(workers)
      return state.handOver(state.unpark(for: Set(workers)), at: now)
    }
  }
}

extension StoreState {
  fileprivate mutating func reissue(
    _ asked: FencedJob, because cause: ReissueCause, at moment: Timestamp
  ) -> ReissueAnswer {
    guard let standing = jobs[asked.job]?.standing, standing.state.isLive else { return .ended }
    guard standing.fence == asked.fence else { return .moved }
    if cause == .lost { noteLoss(of: asked.job, standing, at: moment) }
    jobs[asked.job]?.standing = standing.reissued(at: moment, countingLoss: cause == .lost)
    return .raised
  }

  /// Writes down that a lease was lost; the job's start is this fence's only when somebody began under it.
  mutating func noteLoss(of job: JobID, _ standing: JobStanding, at moment: Timestamp) {
    attempts[job, default: []].append(
      AttemptRecord(
        job: job, fence: standing.fence, attempt: standing.attempts + 1, holder: standing.holder, host: nil,
        startedAt: standing.holder == nil ? nil : standing.startedAt, finishedAt: moment,
        outcome: AttemptRecord.lost, failure: nil))
  }

  fileprivate func due(limit: Int, at moment: Timestamp) -> [OverdueHandoff] {
    let overdue = handoffs.values.filter { $0.committedAt + InMemoryStore.handoffOverdue <= moment }
    return overdue.sorted { $0.handoff.id < $1.handoff.id }.prefix(max(0, limit)).map { stored in
      let waiting = stored.handoff.entries.filter { entry in
        jobs[entry.job].map { $0.standing.state.isLive && $0.standing.fence == entry.fence } ?? false
      }
      return OverdueHandoff(id: stored.handoff.id, jobs: waiting.map { FencedJob(job: $0.job, fence: $0.fence) })
    }
  }

  fileprivate mutating func replay(
    _ request: ReplayRequest, into work: inout RunWork, at moment: Timestamp
  ) throws(DriverError) -> ReplayAnswer {
    guard let job = jobs[request.job] else { return .missing }
    guard job.standing.fence == request.fence else { return .changed }
    guard job.standing.state.isDead else { return .notDead }
    if let ordered = OrderedJob(job) {
      let isOutdated = try order(at: moment) { ordering throws(DriverError) in try ordering.isOutdated(ordered) }.result
      if isOutdated { return .superseded }
    }
    jobs[job.id]?.standing = job.standing.replayed(at: moment)
    audits[job.id, default: []].append(
      AuditRecord(at: moment, by: request.by, action: .replay, fence: request.fence, reason: request.reason))
    if let run = runs[job.run] {
      var standing = run.record.standing
      (standing.state, standing.finishedAt) = (.running, nil)
      runs[job.run]?.record = run.record.with(standing)
    }
    work.pushes.append(job.id)
    if job.ordering.orders {
      work.take(try order(at: moment) { ordering throws(DriverError) in try ordering.replayed(job.id) }.effects)
    }
    return .replayed
  }

  fileprivate mutating func unpark(for workers: Set<WorkerName>) -> [JobID] {
    let parked = jobs.values.filter { job in
      job.standing.state == .pending && workers.contains(job.worker) && job.standing.isParked
    }
    let ids = parked.map(\.id).sorted()
    for id in ids {
      jobs[id]?.standing.state = .queued
      jobs[id]?.standing.waitingFor = nil
    }
    return ids
  }
}
