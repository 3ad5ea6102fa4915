internal import WorkerKit

/// Jobs that something orders.
extension SeamBench {
  /// Records, routes and pushes an event whose run has one job with this ordering; gives the job.
  @discardableResult
  func arrive(
    _ ordering: JobOrdering, tenant: TenantID = Self.tenant, priority: Priority = .normal, lease: Duration? = nil,
    stage: StageName = "work", next: @escaping SettlePlanner = Plans.ending
  ) async throws -> JobID {
    try await arrival(ordering, tenant: tenant, priority: priority, lease: lease, stage: stage, next: next).job
  }

  /// As `arrive`; gives also what the arrival has ended without an attempt.
  func arrival(
    _ ordering: JobOrdering, tenant: TenantID = Self.tenant, priority: Priority = .normal, lease: Duration? = nil,
    stage: StageName = "work", next: @escaping SettlePlanner = Plans.ending
  ) async throws -> (job: JobID, ended: [Job]) {
    let event = event(tenant: tenant)
    let run = RunID(environment.id())
    var job = NewJob(
      id: JobID("\(run)-\(stage)"), stage: stage, worker: "checks.work", queue: .standard,
      input: .resolved(Array("{}".utf8)))
    (job.ordering, job.priority, job.lease) = (ordering == JobOrdering() ? nil : ordering, priority, lease)
    let turns = ordering.serial.map { [Turn(stage: stage, key: $0.key)] } ?? []
    let new = NewRun(
      id: run, pipeline: Self.pipeline, revision: Self.revision, plan: RunPlan(jobs: [job]), turns: turns)
    _ = try await store.record([event])
    let result = try await store.route(limit: 1, plan: { [id = event.id] in $0.id == id ? [new] : [] }, next: next)
    try await deliver(result.handoff)
    return (job.id, result.ended)
  }

  /// The jobs that can be leased now; those that turn out to be gone are finished, as a host does.
  func leasable(_ limit: Int = 100) async throws -> [JobID] { try await loadable(limit).map(\.authority.job) }

  /// Leases what can be leased now, and gives what is to be worked on.
  func loadable(_ limit: Int = 100) async throws -> [Lease] {
    var kept: [Lease] = []
    for lease in try await lease(limit) {
      if try await load(lease) != nil { kept.append(lease) } else { _ = try await queue.finish([lease.authority]) }
    }
    return kept
  }

  /// Leases the one job that can be worked on now.
  func leaseLoadable(file: String = #fileID, line: Int = #line) async throws -> Lease {
    let leases = try await loadable()
    try expect(leases.count, is: 1, "One job can be worked on.", file: file, line: line)
    return try require(leases.first, "A job is leased.", file: file, line: line)
  }

  func state(of job: JobID, file: String = #fileID, line: Int = #line) async throws -> JobState {
    try await standing(of: job, file: file, line: line).state
  }

  /// How the run of a job stands.
  func runState(of job: JobID, file: String = #fileID, line: Int = #line) async throws -> RunStanding.State? {
    let run = try require(try await store.job(job)?.run, "The job can be read.", file: file, line: line)
    return try await store.run(run)?.standing.state
  }

  /// Cancels as a dispatcher does: the store, then the queue.
  @discardableResult
  func cancel(
    _ targets: [CancelRequest.Target], next: @escaping SettlePlanner = Plans.ending
  ) async throws -> [CancelAnswer] {
    let result = try await store.cancel(
      targets.map { CancelRequest($0, by: "ann", reason: "Not wanted any more.") }, next: next)
    try await deliver(result.handoff)
    _ = try await queue.revoke(result.jobs)
    return result.answers
  }
}
