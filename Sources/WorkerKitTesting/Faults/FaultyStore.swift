public import WorkerKit

/// Any store, failing on demand. Reads by people pass through; `read` counts, fails and holds them together.
public final class FaultyStore: JobStore {
  /// A store's verbs; `read` stands for every verb of `JobReading`, `revisions` and `pauses` for those of
  /// `RevisionStore` and `PauseStore`.
  public enum Verb: String, Sendable, Hashable, CaseIterable {
    case record, route, load, begin, settle, reissue, due, arrived, replay, announce, epoch, advanceEpoch, refill, probe
    case read, revisions, isFilled, prune, report, cancel, ticks, tick, replayEvents, pauses
  }

  /// What shall go wrong.
  public let faults: Faults<Verb>
  let base: any JobStore
  private let isRefused = Monitor<@Sendable (Settlement) -> Bool>({ _ in false })

  /// Wraps a store; until told otherwise it fails as often as that does. `answered` is raised after every call.
  public init(_ base: any JobStore, answered: Signal = Signal()) {
    self.base = base
    faults = Faults(answered: answered)
  }

  public var movesQueue: Bool { base.movesQueue }

  /// Refuses every batch with a settlement for which `isRefused` is true, as a database refuses what it cannot hold.
  public func refuseSettlements(where isRefused: @escaping @Sendable (Settlement) -> Bool) {
    self.isRefused.withLock { $0 = isRefused }
  }

  public func record(_ events: [EventEnvelope]) async throws(DriverError) -> [RecordAnswer] {
    try await faults.pass(.record) { () async throws(DriverError) in try await base.record(events) }
  }

  public func route(
    limit: Int, plan: @escaping RoutePlanner, next: @escaping SettlePlanner
  ) async throws(DriverError) -> RouteResult {
    try await faults.pass(.route) { () async throws(DriverError) in
      try await base.route(limit: limit, plan: plan, next: next)
    }
  }

  public func load(_ leases: [Lease]) async throws(DriverError) -> [LoadAnswer] {
    try await faults.pass(.load) { () async throws(DriverError) in try await base.load(leases) }
  }

  public func begin(_ attempts: [BegunAttempt]) async throws(DriverError) -> [WriteAnswer] {
    try await faults.pass(.begin) { () async throws(DriverError) in try await base.begin(attempts) }
  }

  public func report(_ reports: [ProgressReport]) async throws(DriverError) -> [WriteAnswer] {
    try await faults.pass(.report) { () async throws(DriverError) in try await base.report(reports) }
  }

  public func cancel(
    _ requests: [CancelRequest], next: @escaping SettlePlanner
  ) async throws(DriverError) -> CancelResult {
    try await faults.pass(.cancel) { () async throws(DriverError) in try await base.cancel(requests, next: next) }
  }

  public func settle(_ settlements: [Settlement], plan: @escaping SettlePlanner) async throws(DriverError)
    -> SettleResult
  {
    try await faults.pass(.settle) { () async throws(DriverError) in
      if settlements.contains(where: isRefused.withLock({ $0 })) { throw Self.refusal }
      return try await base.settle(settlements, plan: plan)
    }
  }

  public func reissue(_ jobs: [FencedJob], because cause: ReissueCause) async throws(DriverError) -> ReissueResult {
    try await faults.pass(.reissue) { () async throws(DriverError) in try await base.reissue(jobs, because: cause) }
  }

  public func due(limit: Int) async throws(DriverError) -> [OverdueHandoff] {
    try await faults.pass(.due) { () async throws(DriverError) in try await base.due(limit: limit) }
  }

  public func arrived(_ handoffs: [Int64]) async throws(DriverError) {
    try await faults.pass(.arrived) { () async throws(DriverError) in try await base.arrived(handoffs) }
  }

  public func replay(
    _ requests: [ReplayRequest], next: @escaping SettlePlanner
  ) async throws(DriverError) -> ReplayResult {
    try await faults.pass(.replay) { () async throws(DriverError) in try await base.replay(requests, next: next) }
  }

  public func replayEvents(
    _ replay: EventReplay, plan: @escaping RoutePlanner, next: @escaping SettlePlanner
  ) async throws(DriverError) -> EventReplayResult {
    try await faults.pass(.replayEvents) { () async throws(DriverError) in
      try await base.replayEvents(replay, plan: plan, next: next)
    }
  }

  public func announce(_ host: HostID, workers: [WorkerName]) async throws(DriverError) -> Handoff? {
    try await faults.pass(.announce) { () async throws(DriverError) in try await base.announce(host, workers: workers) }
  }

  public func prune(_ policy: RetentionPolicy, limit: Int) async throws(DriverError) -> Pruned {
    try await faults.pass(.prune) { () async throws(DriverError) in try await base.prune(policy, limit: limit) }
  }

  public func isFilled() async throws(DriverError) -> Bool {
    try await faults.pass(.isFilled) { () async throws(DriverError) in try await base.isFilled() }
  }

  public func epoch() async throws(DriverError) -> Epoch {
    try await faults.pass(.epoch) { () async throws(DriverError) in try await base.epoch() }
  }

  public func advanceEpoch() async throws(DriverError) -> Epoch {
    try await faults.pass(.advanceEpoch) { () async throws(DriverError) in try await base.advanceEpoch() }
  }

  public func refill(
    in epoch: Epoch, after cursor: JobID?, limit: Int
  ) async throws(DriverError) -> RefillPage {
    try await faults.pass(.refill) { () async throws(DriverError) in
      try await base.refill(in: epoch, after: cursor, limit: limit)
    }
  }

  public func probe() async throws(DriverError) {
    try await faults.pass(.probe) { () async throws(DriverError) in try await base.probe() }
  }

  private static let refusal = DriverError(
    .refused, "unstorable", "The batch holds something that cannot be stored.")
}
