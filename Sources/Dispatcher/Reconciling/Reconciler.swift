public import Logging
public import WorkerKit

/// Sees to what nobody else will: leases that ran out, and handoffs that never reached the queue.
///
/// The order is that of the seam: read, ask the queue, raise fences by compare-and-set, push. Several reconcilers do
/// each other no harm.
public struct Reconciler: Sendable {
  private let store: any JobStore
  private let queue: any JobQueue
  private let courier: Courier
  private let recovery: QueueRecovery
  private let interval: Duration
  private let environment: Environment
  private let metrics: Metrics
  private let log: Logger

  /// The most leases, or handoffs, that one pass reads at a time.
  static let batch = 500

  /// Prepares a reconciler that looks every `interval`; `controls` says what is paused and limited, for a queue that
  /// has to be opened again.
  public init(
    store: any JobStore, queue: any JobQueue, interval: Duration = .seconds(2),
    controls: @escaping ControlsReader = { QueueControls() }, environment: Environment, metrics: Metrics, log: Logger
  ) {
    self.store = store
    self.queue = queue
    courier = Courier(store: store, queue: queue)
    recovery = QueueRecovery(store: store, queue: queue, controls: controls)
    self.interval = interval
    self.environment = environment
    self.metrics = metrics
    self.log = log
  }

  /// Reconciles until the task is cancelled. Errors are logged and tried again after a growing wait.
  public func run() async {
    await LoopRetries.run(
      every: interval, environment: environment, log: log, orLog: "Leases and handoffs could not be reconciled."
    ) { () throws(DriverError) in
      try await recoverQueue()
      try await reclaimExpired()
      try await redeliverOverdue()
    }
  }

  /// Begins a new epoch where the queue has lost its entries: its server was emptied, restored or replaced.
  public func recoverQueue() async throws(DriverError) {
    guard try await recovery.recoverIfLost() else { return }
    log.log(.warning, "The queue had lost its entries; a new epoch began and every live job was pushed again.", [:])
  }

  /// Gives jobs whose lease ran out a new fence and pushes them again; removes the entries of those that have ended.
  /// - Returns: How many jobs were pushed again.
  @discardableResult
  public func reclaimExpired() async throws(DriverError) -> Int {
    var reclaimed = 0
    while true {
      let expired = try await queue.expired(limit: Self.batch)
      guard !expired.isEmpty else { return reclaimed }
      reclaimed += try await reclaim(expired)
      if expired.count < Self.batch { return reclaimed }
    }
  }

  private func reclaim(_ expired: [Authority]) async throws(DriverError) -> Int {
    let result = try await store.reissue(expired.map(\.claim), because: .lost)
    try await courier.deliver(result.handoff)
    let settled = zip(expired, result.answers).filter { $0.1 != .raised }.map(\.0)
    if !settled.isEmpty { _ = try await queue.finish(settled) }
    let raised = expired.count - settled.count
    if raised > 0 {
      metrics.add(raised, to: MetricName.leasesLost)
      log.log(.info, "Leases ran out; their jobs were queued again.", [.count: String(raised)])
    }
    return raised
  }

  /// Asks the queue about handoffs of which nobody said that they arrived, and pushes what it does not know.
  /// - Returns: How many jobs were pushed again.
  @discardableResult
  public func redeliverOverdue() async throws(DriverError) -> Int {
    var pushed = 0
    while true {
      let overdue = try await store.due(limit: Self.batch)
      guard !overdue.isEmpty else { return pushed }
      pushed += try await redeliver(overdue.flatMap(\.jobs))
      try await store.arrived(overdue.map(\.id))
      if overdue.count < Self.batch { return pushed }
    }
  }

  private func redeliver(_ jobs: [FencedJob]) async throws(DriverError) -> Int {
    guard !jobs.isEmpty else { return 0 }
    let known = try await queue.known(jobs)
    let unknown = zip(jobs, known).filter { $0.1 == .unknown }.map(\.0)
    guard !unknown.isEmpty else { return 0 }
    let result = try await store.reissue(unknown, because: .overdue)
    try await courier.deliver(result.handoff)
    log.log(.info, "Handoffs were lost; their jobs were pushed again.", [.count: String(unknown.count)])
    return unknown.count
  }
}
