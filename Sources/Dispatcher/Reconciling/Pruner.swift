public import Logging
public import WorkerKit

/// Removes what is over and old, in small steps, for as long as the program runs.
///
/// Several pruners do each other no harm.
public struct Pruner: Sendable {
  private let store: any JobStore
  private let policy: RetentionPolicy
  private let interval: Duration
  private let environment: Environment
  private let metrics: Metrics
  private let log: Logger

  /// The most of each kind that one transaction removes: a step must not hold up the work.
  static let batch = 200

  /// Prepares a pruner that looks every `interval`.
  public init(
    store: any JobStore, policy: RetentionPolicy, interval: Duration = .seconds(60), environment: Environment,
    metrics: Metrics, log: Logger
  ) {
    self.store = store
    self.policy = policy
    self.interval = interval
    self.environment = environment
    self.metrics = metrics
    self.log = log
  }

  /// Prunes until the task is cancelled. Errors are logged and tried again after a growing wait.
  public func run() async {
    await LoopRetries.run(
      every: interval, environment: environment, log: log, orLog: "What is over could not be pruned."
    ) { () throws(DriverError) in
      try await pruneAll()
    }
  }

  /// Removes everything that is over and old now, step by step.
  public func pruneAll() async throws(DriverError) {
    while !Task.isCancelled {
      let pruned = try await store.prune(policy, limit: Self.batch)
      guard !pruned.isEmpty else { return }
      count(pruned)
    }
  }

  private func count(_ pruned: Pruned) {
    metrics.add(pruned.supersededRuns, to: MetricName.pruned, "superseded_runs")
    metrics.add(pruned.finishedRuns, to: MetricName.pruned, "finished_runs")
    metrics.add(pruned.deadRuns, to: MetricName.pruned, "dead_letters")
    metrics.add(pruned.events, to: MetricName.pruned, "events")
    metrics.add(pruned.windows, to: MetricName.pruned, "windows")
    metrics.add(pruned.eventReplays, to: MetricName.pruned, "event_replays")
    metrics.add(pruned.audit, to: MetricName.pruned, "audit")
    metrics.add(pruned.activations, to: MetricName.pruned, "activations")
    metrics.add(pruned.revisions, to: MetricName.pruned, "revisions")
    guard pruned.deadRuns > 0 else { return }
    log.log(
      .notice, "Runs with dead letters left by age; raise their retention to keep them longer.",
      [.count: String(pruned.deadRuns)])
  }
}
