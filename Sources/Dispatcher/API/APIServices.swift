public import Logging
public import Tracing
public import WorkerKit

/// What the API works with; handed in, nothing is global.
public struct APIServices: Sendable {
  public let store: any JobStore
  public let queue: any JobQueue
  /// Names the stages of a run that have no job yet.
  public let library: PipelineLibrary
  /// Plans the runs of events that are replayed.
  public let planner: Planner
  public let environment: Environment
  public let metrics: Metrics
  public let log: Logger
  /// Raised when events were recorded, so that they are routed at once.
  public let arrivals: Signal
  /// What `/health/ready` asks beside the store and the queue.
  public let checks: [ReadinessCheck]
  /// Makes the spans of requests and of the events that they bring; nil to make none.
  public let tracer: (any Tracer)?
  /// Says when too much waits; nil where nothing is held back.
  public let pressure: BackPressure?
  /// Takes callbacks; nil where none can arrive.
  public let callbacks: CallbackDesk?

  /// Puts the services together.
  public init(
    store: any JobStore, queue: any JobQueue, library: PipelineLibrary, planner: Planner,
    environment: Environment, metrics: Metrics, log: Logger, arrivals: Signal, checks: [ReadinessCheck] = [],
    pressure: BackPressure? = nil, tracer: (any Tracer)? = nil, callbacks: CallbackDesk? = nil
  ) {
    self.store = store
    self.queue = queue
    self.library = library
    self.planner = planner
    self.environment = environment
    self.metrics = metrics
    self.log = log
    self.arrivals = arrivals
    self.checks = checks
    self.pressure = pressure
    self.tracer = tracer
    self.callbacks = callbacks
  }

  /// What tells of jobs that end because of a request.
  var endings: JobEndings {
    JobEndings(tracer: tracer, metrics: metrics, time: environment.time, library: library)
  }
}
