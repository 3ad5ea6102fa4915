public import Logging
public import Tracing

/// A queue that a host takes from, and how many of its jobs it runs at once.
public struct HostLane: Sendable, Hashable {
  public let queue: QueueName
  public let concurrency: Int

  /// Describes a lane; fewer than one job at once counts as one.
  public init(queue: QueueName, concurrency: Int) {
    self.queue = queue
    self.concurrency = max(1, concurrency)
  }
}

/// How a host works.
public struct HostConfiguration: Sendable {
  public var id: HostID
  public var lanes: [HostLane]
  /// How long a lease lasts without renewal: what a killed host's jobs wait before they run again.
  public var leaseLength: Duration
  /// How long running attempts may go on after the host was told to stop.
  public var grace: Duration
  /// How long a lane waits for work before it asks again.
  public var leaseWait: Duration
  /// Where attempts run; nil for Swift's own pool.
  public var executor: (any TaskExecutor)?

  /// Describes a host with leases of 15 s and a grace of 20 s.
  public init(
    id: HostID, lanes: [HostLane], leaseLength: Duration = .seconds(15), grace: Duration = .seconds(20),
    leaseWait: Duration = .seconds(1), executor: (any TaskExecutor)? = nil
  ) {
    self.id = id
    self.lanes = lanes
    self.leaseLength = leaseLength
    self.grace = grace
    self.leaseWait = leaseWait
    self.executor = executor
  }
}

/// What a host works with; handed in, nothing is global.
public struct HostServices: Sendable {
  public let store: any JobStore
  public let queue: any JobQueue
  public let registry: WorkerRegistry
  public let library: PipelineLibrary
  public let environment: Environment
  public let metrics: Metrics
  public let log: Logger
  /// Raised when a settled run has emitted an event, so that it is routed at once.
  public let emitted: Signal
  /// Keeps the bytes of an outcome that the store refuses; nil where there is nowhere to keep them.
  public let objects: (any ObjectStore)?
  /// Runs the jobs of stages that ask for a process of their own; nil where there is nothing that can.
  public let isolated: (any IsolatedRunner)?
  /// Makes the spans of jobs, attempts and emitted events; nil to make none.
  public let tracer: (any Tracer)?
  /// Makes the tokens of callbacks; nil where no callback can arrive.
  public let callbacks: CallbackKey?

  /// Puts the services together.
  public init(
    store: any JobStore, queue: any JobQueue, registry: WorkerRegistry, library: PipelineLibrary,
    environment: Environment, metrics: Metrics, log: Logger, emitted: Signal = Signal(),
    objects: (any ObjectStore)? = nil, isolated: (any IsolatedRunner)? = nil, tracer: (any Tracer)? = nil,
    callbacks: CallbackKey? = nil
  ) {
    self.store = store
    self.queue = queue
    self.registry = registry
    self.library = library
    self.environment = environment
    self.metrics = metrics
    self.log = log
    self.emitted = emitted
    self.objects = objects
    self.isolated = isolated
    self.tracer = tracer
    self.callbacks = callbacks
  }
}
