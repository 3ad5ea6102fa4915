import WorkerKit

/// A store whose verbs can be replaced one by one; those that are not keep their promises.
struct AlteredStore: JobStore {
  typealias Settling = @Sendable ([Settlement], @escaping SettlePlanner) async throws(DriverError) -> SettleResult

  let base: any JobStore
  var routing: @Sendable (Int, @escaping RoutePlanner) async throws(DriverError) -> RouteResult
  var loading: @Sendable ([Lease]) async throws(DriverError) -> [LoadAnswer]
  var settling: Settling
  var reissuing: @Sendable ([FencedJob], ReissueCause) async throws(DriverError) -> ReissueResult
  var asking: @Sendable (Int) async throws(DriverError) -> [OverdueHandoff]
  var replaying: @Sendable ([ReplayRequest]) async throws(DriverError) -> ReplayResult
  var refilling: @Sendable (JobID?, Int) async throws(DriverError) -> RefillPage
  var announcing: @Sendable (HostID, [WorkerName]) async throws(DriverError) -> Handoff?
  var movesQueue: Bool

  init(_ base: any JobStore) {
    self.base = base
    routing = { limit, plan throws(DriverError) in try await base.route(limit: limit, plan: plan) }
    loading = { leases throws(DriverError) in try await base.load(leases) }
    settling = { settlements, plan throws(DriverError) in try await base.settle(settlements, plan: plan) }
    reissuing = { jobs, cause throws(DriverError) in try await base.reissue(jobs, because: cause) }
    asking = { limit throws(DriverError) in try await base.due(limit: limit) }
    replaying = { requests throws(DriverError) in try await base.replay(requests) }
    refilling = { cursor, limit throws(DriverError) in try await base.refill(after: cursor, limit: limit) }
    announcing = { host, workers throws(DriverError) in try await base.announce(host, workers: workers) }
    movesQueue = base.movesQueue
  }

  func route(limit: Int, plan: @escaping RoutePlanner) async throws(DriverError) -> RouteResult {
    try await routing(limit, plan)
  }
  func load(_ leases: [Lease]) async throws(DriverError) -> [LoadAnswer] { try await loading(leases) }
  func settle(_ settlements: [Settlement], plan: @escaping SettlePlanner) async throws(DriverError) -> SettleResult {
    try await settling(settlements, plan)
  }
  func reissue(_ jobs: [FencedJob], because cause: ReissueCause) async throws(DriverError) -> ReissueResult {
    try await reissuing(jobs, cause)
  }
  func due(limit: Int) async throws(DriverError) -> [OverdueHandoff] { try await asking(limit) }
  func replay(_ requests: [ReplayRequest]) async throws(DriverError) -> ReplayResult { try await replaying(requests) }
  func refill(after cursor: JobID?, limit: Int) async throws(DriverError) -> RefillPage {
    try await refilling(cursor, limit)
  }
  func announce(_ host: HostID, workers: [WorkerName]) async throws(DriverError) -> Handoff? {
    try await announcing(host, workers)
  }
}

/// What no mutant replaces.
extension AlteredStore {
  func record(_ events: [EventEnvelope]) async throws(DriverError) -> [RecordAnswer] { try await base.record(events) }
  func replayEvents(_ replay: EventReplay, plan: @escaping RoutePlanner) async throws(DriverError) -> EventReplayResult
  { try await base.replayEvents(replay, plan: plan) }
  func events(_ filter: EventFilter) async throws(DriverError) -> EventPage { try await base.events(filter) }
  func runs(_ filter: RunFilter) async throws(DriverError) -> [RunRecord] { try await base.runs(filter) }
  func begin(_ attempts: [BegunAttempt]) async throws(DriverError) -> [WriteAnswer] { try await base.begin(attempts) }
  func arrived(_ handoffs: [Int64]) async throws(DriverError) { try await base.arrived(handoffs) }
  func isFilled() async throws(DriverError) -> Bool { try await base.isFilled() }
  func epoch() async throws(DriverError) -> Epoch { try await base.epoch() }
  func advanceEpoch() async throws(DriverError) -> Epoch { try await base.advanceEpoch() }
  func prune(_ policy: RetentionPolicy, limit: Int) async throws(DriverError) -> Pruned {
    try await base.prune(policy, limit: limit)
  }
  func probe() async throws(DriverError) { try await base.probe() }
  func activate(_ revisions: [PipelineRevision]) async throws(DriverError) -> Int64 {
    try await base.activate(revisions)
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
  func jobs(_ filter: JobFilter) async throws(DriverError) -> [Job] { try await base.jobs(filter) }
  func attempts(of job: JobID) async throws(DriverError) -> [AttemptRecord] { try await base.attempts(of: job) }
  func deadLetterCount() async throws(DriverError) -> Int { try await base.deadLetterCount() }
  func unroutedCount() async throws(DriverError) -> Int { try await base.unroutedCount() }
}
