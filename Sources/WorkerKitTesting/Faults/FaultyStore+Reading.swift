public import WorkerKit

extension FaultyStore {
  public func activate(_ offer: FolderOffer) async throws(DriverError) -> Int64 {
    try await faults.pass(.revisions) { () async throws(DriverError) in try await base.activate(offer) }
  }

  public func rollback(to number: Int64, by: String, reason: String) async throws(DriverError) -> Int64? {
    try await faults.pass(.revisions) { () async throws(DriverError) in
      try await base.rollback(to: number, by: by, reason: reason)
    }
  }

  public func activations(before: Int64?, limit: Int) async throws(DriverError) -> [Activation] {
    try await faults.pass(.revisions) { () async throws(DriverError) in
      try await base.activations(before: before, limit: limit)
    }
  }

  public func activeRevisions() async throws(DriverError) -> [PipelineRevision] {
    try await faults.pass(.revisions) { () async throws(DriverError) in try await base.activeRevisions() }
  }

  public func revisions(_ hashes: [RevisionHash]) async throws(DriverError) -> [PipelineRevision] {
    try await faults.pass(.revisions) { () async throws(DriverError) in try await base.revisions(hashes) }
  }

  public func ticks() async throws(DriverError) -> [PipelineName: RecordedTick] {
    try await faults.pass(.ticks) { () async throws(DriverError) in try await base.ticks() }
  }

  public func tick(_ ticks: [ScheduleTick]) async throws(DriverError) -> [TickAnswer] {
    try await faults.pass(.tick) { () async throws(DriverError) in try await base.tick(ticks) }
  }

  public func pause(
    _ scopes: [PauseScope], by: String, reason: String
  ) async throws(DriverError) -> [PauseAnswer] {
    try await faults.pass(.pauses) { () async throws(DriverError) in
      try await base.pause(scopes, by: by, reason: reason)
    }
  }

  public func resume(
    _ scopes: [PauseScope], by: String, reason: String
  ) async throws(DriverError) -> [ResumeAnswer] {
    try await faults.pass(.pauses) { () async throws(DriverError) in
      try await base.resume(scopes, by: by, reason: reason)
    }
  }

  public func pauses() async throws(DriverError) -> Pauses {
    try await faults.pass(.pauses) { () async throws(DriverError) in try await base.pauses() }
  }

  public func pauseDeeds(before: Int64?, limit: Int) async throws(DriverError) -> [PauseDeed] {
    try await faults.pass(.pauses) { () async throws(DriverError) in
      try await base.pauseDeeds(before: before, limit: limit)
    }
  }

  public func events(id: EventID, tenant: TenantID?) async throws(DriverError) -> [EventRecord] {
    try await faults.pass(.read) { () async throws(DriverError) in try await base.events(id: id, tenant: tenant) }
  }

  public func events(_ filter: EventFilter) async throws(DriverError) -> EventPage {
    try await faults.pass(.read) { () async throws(DriverError) in try await base.events(filter) }
  }

  public func find(_ filter: RunFilter) async throws(DriverError) -> FoundRuns {
    try await faults.pass(.read) { () async throws(DriverError) in try await base.find(filter) }
  }

  public func run(_ id: RunID) async throws(DriverError) -> RunRecord? {
    try await faults.pass(.read) { () async throws(DriverError) in try await base.run(id) }
  }

  public func runs(of event: EventRecord) async throws(DriverError) -> [RunRecord] {
    try await faults.pass(.read) { () async throws(DriverError) in try await base.runs(of: event) }
  }

  public func job(_ id: JobID) async throws(DriverError) -> Job? {
    try await faults.pass(.read) { () async throws(DriverError) in try await base.job(id) }
  }

  public func jobs(of run: RunID) async throws(DriverError) -> [Job] {
    try await faults.pass(.read) { () async throws(DriverError) in try await base.jobs(of: run) }
  }

  public func find(_ filter: JobFilter) async throws(DriverError) -> FoundJobs {
    try await faults.pass(.read) { () async throws(DriverError) in try await base.find(filter) }
  }

  public func attempts(of job: JobID) async throws(DriverError) -> [AttemptRecord] {
    try await faults.pass(.read) { () async throws(DriverError) in try await base.attempts(of: job) }
  }

  public func audit(of job: JobID) async throws(DriverError) -> [AuditRecord] {
    try await faults.pass(.read) { () async throws(DriverError) in try await base.audit(of: job) }
  }

  public func outdated(_ jobs: [JobID]) async throws(DriverError) -> Set<JobID> {
    try await faults.pass(.read) { () async throws(DriverError) in try await base.outdated(jobs) }
  }

  public func deadLetterCount() async throws(DriverError) -> Int {
    try await faults.pass(.read) { () async throws(DriverError) in try await base.deadLetterCount() }
  }

  public func unroutedCount() async throws(DriverError) -> Int {
    try await faults.pass(.read) { () async throws(DriverError) in try await base.unroutedCount() }
  }
}
