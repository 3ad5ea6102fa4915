public import Logging
public import WorkerKit

/// Reads what is paused, and a number that grows with every change of it.
public typealias PausesReader = @Sendable () async throws(DriverError) -> (version: Int64, scopes: Set<PauseScope>)

extension PauseStore {
  /// What is paused, as a projection reads it.
  public var pausesReader: PausesReader {
    { () async throws(DriverError) in
      let pauses = try await self.pauses()
      return (pauses.version, pauses.scopes)
    }
  }
}

/// Keeps a queue told of what is in force: the limits of the active pipelines, and what is paused in the store.
///
/// Any number of dispatchers may tell one queue. Both numbers that a version is made of only grow, so that of what they
/// tell the queue keeps the newest.
public actor QueueProjection {
  /// How long it may take until a change is seen that another program made.
  public static let interval = Duration.seconds(1)

  /// Raise this when what is paused has changed, so that the queue is told at once.
  public nonisolated let changed = Signal()
  /// Raised after each look that went well.
  public nonisolated let passed = Signal()

  private let queue: any JobQueue
  private let active: ActivePipelines
  private let pauses: PausesReader
  private let environment: Environment
  private let log: Logger
  /// The newest set that was announced, which need not be active yet.
  private var announced: (number: Int64, limits: [LimitName: LimitRule]) = (0, [:])
  /// The version that the queue was told last; nil before it was told any.
  private var told: Int64?

  /// Prepares to tell `queue` of the limits of `active` and of what `pauses` reads; without it nothing is paused.
  public init(
    queue: any JobQueue, active: ActivePipelines, pauses: @escaping PausesReader = { (0, []) },
    environment: Environment, log: Logger
  ) {
    self.queue = queue
    self.active = active
    self.pauses = pauses
    self.environment = environment
    self.log = log
  }

  /// What is in force now: what a queue that is opened has to know first.
  public func controls() async throws(DriverError) -> QueueControls {
    let paused = try await pauses()
    let current = active.current
    let newest = current.number > announced.number ? (number: current.number, limits: current.set.limits) : announced
    return QueueControls(version: newest.number + paused.version, limits: newest.limits, paused: paused.scopes)
  }

  /// Tells the queue of the limits of a set that is about to become active, so that no job is planned by it that the
  /// queue would not limit. Where the queue is away that is logged, and `run` tells it later.
  public func announce(_ set: PipelineSet, number: Int64) async {
    if number > announced.number { announced = (number, set.limits) }
    do throws(DriverError) { try await tell() } catch {
      // Before it was opened for the first time there is nothing to tell: it is opened with what is in force.
      guard told != nil else { return }
      log.log(.warning, "The queue could not be told of the limits of new pipelines; it will be.", error.logFields)
    }
  }

  /// Tells the queue of changes until the task is cancelled. Errors are logged and tried again after a growing wait.
  public func run() async {
    var retries = LoopRetries(environment: environment)
    while !Task.isCancelled {
      let seen = changed.count
      do throws(DriverError) {
        try await tell()
        retries.reset()
        passed.raise()
        await changed.wait(after: seen, atMost: Self.interval, on: environment.time)
      } catch {
        log.log(.warning, "The queue could not be told of what is paused and limited.", error.logFields)
        await retries.wait()
      }
    }
  }

  /// Tells the queue what is in force now, unless it was told already.
  public func tell() async throws(DriverError) {
    let controls = try await controls()
    guard controls.version != told else { return }
    try await queue.project(controls)
    told = controls.version
  }
}
