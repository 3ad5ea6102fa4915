/// How a stage's jobs are to be treated, as far as the file says: on the stage, or under `defaults` for all stages.
public struct StagePolicy: Sendable, Hashable {
  /// Where its jobs wait; nil for the worker's own.
  public var queue: QueueName?
  /// Which of the queue's jobs go first; nil for normal.
  public var priority: Priority?
  /// How long an attempt may take; nil for the worker's own.
  public var timeout: Duration?
  /// How long a lease lasts without renewal; nil for the host's own.
  public var lease: Duration?
  /// How often it is tried; nil for the worker's own. What the file leaves out of it is as in `RetryPolicy.standard`.
  public var retry: RetryPolicy?
  /// Who takes turns in its queue; nil for the tenant.
  public var fairBy: FairPolicy?
  /// How much of it may start or be under way, by key; each limit is known by its place among them (`LimitName`). Nil
  /// for any number.
  public var limits: [LimitPolicy]?
  /// One at a time and in order, by key.
  public var serialBy: SerialPolicy?
  /// Only the newest of what comes in quick succession, by key.
  public var coalesce: CoalescePolicy?
  /// How many jobs a batch worker gets at once.
  public var batch: BatchPolicy?
  /// What makes two jobs the same work: the one's output serves both. Nil where every job is work of its own.
  public var executionKey: [Template]?
  /// The event that tells of a dead letter of the stage.
  public var onFailure: FailureEvent?
  /// The walls around its jobs, each in a process of its own; nil where they run in the host's.
  public var isolation: IsolationPolicy?

  /// A policy that says nothing.
  public init() {}

  /// This policy, with what it leaves open taken from `defaults`.
  public func filled(from defaults: StagePolicy) -> StagePolicy {
    var policy = self
    policy.queue = queue ?? defaults.queue
    policy.priority = priority ?? defaults.priority
    policy.timeout = timeout ?? defaults.timeout
    policy.lease = lease ?? defaults.lease
    policy.retry = retry ?? defaults.retry
    policy.fairBy = fairBy ?? defaults.fairBy
    policy.limits = limits ?? defaults.limits
    policy.serialBy = serialBy ?? defaults.serialBy
    policy.coalesce = coalesce ?? defaults.coalesce
    policy.batch = batch ?? defaults.batch
    policy.executionKey = executionKey ?? defaults.executionKey
    policy.onFailure = onFailure ?? defaults.onFailure
    policy.isolation = isolation ?? defaults.isolation
    return policy
  }
}
