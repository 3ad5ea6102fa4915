public import WorkerKit

extension InMemoryStore {
  public func load(_ leases: [Lease]) async throws(DriverError) -> [LoadAnswer] {
    let now = environment.time.now
    return state.withLock { state in
      leases.map { lease in
        guard let job = state.jobs[lease.authority.job], job.standing.admits(lease.authority, in: state.epoch)
        else { return .gone }
        return job.standing.dueAt > now ? .notDue(job.standing.dueAt - now) : .job(job)
      }
    }
  }

  public func begin(_ attempts: [BegunAttempt]) async throws(DriverError) -> [WriteAnswer] {
    state.withLock { state in
      attempts.map { attempt in
        let authority = attempt.authority
        guard let job = state.jobs[authority.job], job.standing.admits(authority, in: state.epoch) else {
          return .stale
        }
        state.jobs[authority.job]?.standing.holder = authority.holder
        state.jobs[authority.job]?.standing.state = .running
        state.jobs[authority.job]?.standing.startedAt = attempt.startedAt
        return .kept
      }
    }
  }
}
