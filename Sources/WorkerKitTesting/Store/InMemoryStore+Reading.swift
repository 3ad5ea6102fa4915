public import WorkerKit

extension InMemoryStore {
  public func events(id: EventID, tenant: TenantID?) async throws(DriverError) -> [EventRecord] {
    state.withLock { state in
      let pruned = state.prunedEvents
      let found = state.events.reversed().lazy.filter { event in
        event.envelope.id == id && !pruned.contains(event.sequence)
          && (tenant.map { event.envelope.tenant == $0 } ?? true)
      }
      return Array(found.prefix(100))
    }
  }

  public func run(_ id: RunID) async throws(DriverError) -> RunRecord? {
    state.withLock { $0.runs[id]?.record }
  }

  public func runs(of event: EventRecord) async throws(DriverError) -> [RunRecord] {
    state.withLock { state in
      state.runsByEvent[event.sequence, default: []].compactMap { state.runs[$0]?.record }
    }
  }

  public func job(_ id: JobID) async throws(DriverError) -> Job? { state.withLock { $0.jobs[id] } }

  public func jobs(of run: RunID) async throws(DriverError) -> [Job] {
    state.withLock { state in state.jobsByRun[run, default: []].compactMap { state.jobs[$0] } }
  }

  public func find(_ filter: JobFilter) async throws(DriverError) -> FoundJobs {
    state.withLock { state in
      let found = state.jobs.values.filter { job in
        (filter.states.isEmpty || filter.states.contains(job.standing.state))
          && (filter.tenant.map { job.tenant == $0 } ?? true)
          && (filter.pipeline.map { job.pipeline == $0 } ?? true)
          && (filter.stage.map { job.stage == $0 } ?? true)
          && (filter.worker.map { job.worker == $0 } ?? true)
          && (filter.fingerprint.map { job.fingerprint == $0 } ?? true)
          && (filter.endedFrom.map { start in job.standing.finishedAt.map { $0 >= start } ?? false } ?? true)
          && (filter.endedBefore.map { end in job.standing.finishedAt.map { $0 < end } ?? false } ?? true)
          && (filter.before.map { state.place(of: job.id) < state.place(of: $0) } ?? true)
      }
      let page = Array(found.sorted { state.place(of: $0.id) > state.place(of: $1.id) }.prefix(filter.limit))
      return FoundJobs(jobs: page, next: found.count > page.count ? page.last?.id : nil)
    }
  }

  public func attempts(of job: JobID) async throws(DriverError) -> [AttemptRecord] {
    state.withLock { $0.attempts[job, default: []] }
  }

  public func audit(of job: JobID) async throws(DriverError) -> [AuditRecord] {
    state.withLock { $0.audits[job, default: []] }
  }

  public func outdated(_ jobs: [JobID]) async throws(DriverError) -> Set<JobID> {
    let now = environment.time.now
    return try state.withLock { state throws(DriverError) in
      let ordering = Ordering(InMemoryOrderingRows(state: state, now: now))
      var outdated: Set<JobID> = []
      for job in jobs {
        guard let ordered = ordering.rows.orderedJob(job), try ordering.isOutdated(ordered) else { continue }
        outdated.insert(job)
      }
      return outdated
    }
  }

  public func deadLetterCount() async throws(DriverError) -> Int {
    state.withLock { $0.jobs.values.count { $0.standing.state.isDead } }
  }

  public func unroutedCount() async throws(DriverError) -> Int {
    state.withLock { $0.events.count { $0.routedAt == nil } }
  }
}

extension StoreState {
  fileprivate func place(of job: JobID) -> Int { places[job] ?? -1 }
}
