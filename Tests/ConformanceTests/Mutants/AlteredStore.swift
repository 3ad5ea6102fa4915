import WorkerKit

/// A store whose verbs can be replaced one by one; those that are not keep their promises.
struct AlteredStore: JobStore {
  typealias Settling = @Sendable ([Settlement], @escaping SettlePlanner) async throws(DriverError) -> SettleResult

  typealias Routing =
    @Sendable (Int, @escaping RoutePlanner, @escaping SettlePlanner) async throws(DriverError) -> RouteResult
  typealias Cancelling =
    @Sendable ([CancelRequest], @escaping SettlePlanner) async throws(DriverError) -> CancelResult

  let base: any JobStore
  var recording: @Sendable ([EventEnvelope]) async throws(DriverError) -> [RecordAnswer]
  var routing: Routing
  var cancelling: Cancelling
  var loading: @Sendable ([Lease]) async throws(DriverError) -> [LoadAnswer]
  var settling: Settling
  var reissuing: @Sendable ([FencedJob], ReissueCause) async throws(DriverError) -> ReissueResult
  var asking: @Sendable (Int) async throws(DriverError) -> [OverdueHandoff]
  var replaying: @Sendable ([ReplayRequest], @escaping SettlePlanner) async throws(DriverError) -> ReplayResult
  var refilling: @Sendable (Epoch, JobID?, Int) async throws(DriverError) -> RefillPage
  var announcing: @Sendable (HostID, [WorkerName]) async throws(DriverError) -> Handoff?
  var telling: @Sendable () async throws(DriverError) -> [PipelineName: RecordedTick]
  var ticking: @Sendable ([ScheduleTick]) async throws(DriverError) -> [TickAnswer]
  var activating: @Sendable (FolderOffer) async throws(DriverError) -> Int64
  var pausing: @Sendable ([PauseScope], String, String) async throws(DriverError) -> [PauseAnswer]
  var resuming: @Sendable ([PauseScope], String, String) async throws(DriverError) -> [ResumeAnswer]
  var tellingPauses: @Sendable () async throws(DriverError) -> Pauses
  var pruning: @Sendable (RetentionPolicy, Int) async throws(DriverError) -> Pruned
  var movesQueue: Bool

  init(_ base: any JobStore) {
    self.base = base
    recording = { events throws(DriverError) in try await base.record(events) }
    routing = { limit, plan, next throws(DriverError) in
      try await base.route(limit: limit, plan: plan, next: next)
    }
    cancelling = { requests, next throws(DriverError) in try await base.cancel(requests, next: next) }
    loading = { leases throws(DriverError) in try await base.load(leases) }
    settling = { settlements, plan throws(DriverError) in try await base.settle(settlements, plan: plan) }
    reissuing = { jobs, cause throws(DriverError) in try await base.reissue(jobs, because: cause) }
    asking = { limit throws(DriverError) in try await base.due(limit: limit) }
    replaying = { requests, next throws(DriverError) in try await base.replay(requests, next: next) }
    refilling = { epoch, cursor, limit throws(DriverError) in
      try await base.refill(in: epoch, after: cursor, limit: limit)
    }
    announcing = { host, workers throws(DriverError) in try await base.announce(host, workers: workers) }
    telling = { () throws(DriverError) in try await base.ticks() }
    ticking = { ticks throws(DriverError) in try await base.tick(ticks) }
    activating = { offer throws(DriverError) in try await base.activate(offer) }
    pausing = { scopes, by, reason throws(DriverError) in
      try await base.pause(scopes, by: by, reason: reason)
    }
    resuming = { scopes, by, reason throws(DriverError) in
      try await base.resume(scopes, by: by, reason: reason)
    }
    tellingPauses = { () throws(DriverError) in try await base.pauses() }
    pruning = { policy, limit throws(DriverError) in try await base.prune(policy, limit: limit) }
    movesQueue = base.movesQueue
  }

  func record(_ events: [EventEnvelope]) async throws(DriverError) -> [RecordAnswer] { try await recording(events) }
  func route(
    limit: Int, plan: @escaping RoutePlanner, next: @escaping SettlePlanner
  ) async throws(DriverError) -> RouteResult {
    try await routing(limit, plan, next)
  }
  func cancel(
    _ requests: [CancelRequest], next: @escaping SettlePlanner
  ) async throws(DriverError) -> CancelResult {
    try await cancelling(requests, next)
  }
  func load(_ leases: [Lease]) async throws(DriverError) -> [LoadAnswer] { try await loading(leases) }
  func settle(_ settlements: [Settlement], plan: @escaping SettlePlanner) async throws(DriverError) -> SettleResult {
    try await settling(settlements, plan)
  }
  func reissue(_ jobs: [FencedJob], because cause: ReissueCause) async throws(DriverError) -> ReissueResult {
    try await reissuing(jobs, cause)
  }
  func due(limit: Int) async throws(DriverError) -> [OverdueHandoff] { try await asking(limit) }
  func replay(
    _ requests: [ReplayRequest], next: @escaping SettlePlanner
  ) async throws(DriverError) -> ReplayResult {
    try await replaying(requests, next)
  }
  func refill(in epoch: Epoch, after cursor: JobID?, limit: Int) async throws(DriverError) -> RefillPage {
    try await refilling(epoch, cursor, limit)
  }
  func announce(_ host: HostID, workers: [WorkerName]) async throws(DriverError) -> Handoff? {
    try await announcing(host, workers)
  }
  func ticks() async throws(DriverError) -> [PipelineName: RecordedTick] { try await telling() }
  func tick(_ ticks: [ScheduleTick]) async throws(DriverError) -> [TickAnswer] { try await ticking(ticks) }
  func pause(_ scopes: [PauseScope], by: String, reason: String) async throws(DriverError) -> [PauseAnswer] {
    try await pausing(scopes, by, reason)
  }
  func resume(_ scopes: [PauseScope], by: String, reason: String) async throws(DriverError) -> [ResumeAnswer] {
    try await resuming(scopes, by, reason)
  }
  func pauses() async throws(DriverError) -> Pauses { try await tellingPauses() }
}

/// What no mutant replaces.
extension AlteredStore {
  func replayEvents(
    _ replay: EventReplay, plan: @escaping RoutePlanner, next: @escaping SettlePlanner
  ) async throws(DriverError) -> EventReplayResult {
    try await base.replayEvents(replay, plan: plan, next: next)
  }
  func events(_ filter: EventFilter) async throws(DriverError) -> EventPage { try await base.events(filter) }
  func find(_ filter: RunFilter) async throws(DriverError) -> FoundRuns { try await base.find(filter) }
  func begin(_ attempts: [BegunAttempt]) async throws(DriverError) -> [WriteAnswer] { try await base.begin(attempts) }
  func report(_ reports: [ProgressReport]) async throws(DriverError) -> [WriteAnswer] {
    try await base.report(reports)
  }
  func arrived(_ handoffs: [Int64]) async throws(DriverError) { try await base.arrived(handoffs) }
  func isFilled() async throws(DriverError) -> Bool { try await base.isFilled() }
  func epoch() async throws(DriverError) -> Epoch { try await base.epoch() }
  func advanceEpoch() async throws(DriverError) -> Epoch { try await base.advanceEpoch() }
  func prune(_ policy: RetentionPolicy, limit: Int) async throws(DriverError) -> Pruned {
    try await pruning(policy, limit)
  }
  func pauseDeeds(before: Int64?, limit: Int) async throws(DriverError) -> [PauseDeed] {
    try await base.pauseDeeds(before: before, limit: limit)
  }
  func probe() async throws(DriverError) { try await base.probe() }
  func activate(_ offer: FolderOffer) async throws(DriverError) -> Int64 { try await activating(offer) }
  func rollback(to number: Int64, by: String, reason: String) async throws(DriverError) -> Int64? {
    try await base.rollback(to: number, by: by, reason: reason)
  }
  func activations(before: Int64?, limit: Int) async throws(DriverError) -> [Activation] {
    try await base.activations(before: before, limit: limit)
  }
  func activeRevisions() async throws(DriverError) -> [PipelineRevision] { try await base.activeRevisions() }
  func revisions(_ hashes: [RevisionHash]) async throws(DriverError) -> [PipelineRevision] {
    try await base.revisions(hashes)
  }
  func events(id: EventID, tenant: TenantID?) async throws(DriverError) -> [EventRecord] {
    try await base.events(id: id, tenant: tenant)
  }
  func run(_ id: RunID) async throws(DriverError) -> RunRecord? { try await base.run(id) }
  func runs(of event: EventRecord) async throws(DriverError) -> [RunRecord] { try await base.runs(of: event) }
  func job(_ id: JobID) async throws(DriverError) -> Job? { try await base.job(id) }
  func jobs(of run: RunID) async throws(DriverError) -> [Job] { try await base.jobs(of: run) }
  func find(_ filter: JobFilter) async throws(DriverError) -> FoundJobs { try await base.find(filter) }
  func attempts(of job: JobID) async throws(DriverError) -> [AttemptRecord] { try await base.attempts(of: job) }
  func audit(of job: JobID) async throws(DriverError) -> [AuditRecord] { try await base.audit(of: job) }
  func outdated(_ jobs: [JobID]) async throws(DriverError) -> Set<JobID> { try await base.outdated(jobs) }
  func deadLetterCount() async throws(DriverError) -> Int { try await base.deadLetterCount() }
  func unroutedCount() async throws(DriverError) -> Int { try await base.unroutedCount() }
}
