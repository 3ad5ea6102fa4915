public import Logging
import Tracing

/// What is known of a kind of job, whether its worker takes jobs one by one (`Worker`) or many at once (`BatchWorker`).
public protocol DescribedWorker: Sendable {
  associatedtype Options: WorkerOptions
  associatedtype Output: WorkerOutput

  /// The name that pipelines use: `media.thumbnails`.
  static var name: WorkerName { get }
  /// What it does, for the documentation; the first sentence stands in lists.
  static var summary: String { get }
  /// What it promises, a sentence or a few each, for the documentation.
  static var guarantees: [String] { get }
  /// The queue its jobs go to when their stage names none.
  static var queue: QueueName { get }
  /// How long an attempt may take when its stage does not say.
  static var timeout: Duration { get }
  /// How its jobs are retried when their stage does not say.
  static var retry: RetryPolicy { get }
  /// The output of a job whose worker threw `AwaitCallback` and was answered with `answer`, a JSON object. It has the
  /// fields of `Output`, so that stages behind it need not know how the answer came; unless the worker says otherwise
  /// it is the answer itself.
  static func output(ofCallback answer: JSON) -> JSON
}

/// The code that does one kind of job.
///
/// Delivery is at least once: `run` may be called again for work it has already done, by this host or another. It makes
/// its effects idempotent with the key that the context hands it, and throws a `Failure` of the right kind.
public protocol Worker: DescribedWorker {
  // Said again, so that both are inferred from `run`.
  associatedtype Options
  associatedtype Output

  /// Does the work once. Cancelled when the lease is lost, the time is up or the host stops.
  func run(_ options: Options, context: WorkerContext) async throws -> Output
}

extension DescribedWorker {
  public static var guarantees: [String] { [] }
  public static var queue: QueueName { .standard }
  public static var timeout: Duration { .seconds(60) }
  public static var retry: RetryPolicy { .standard }
  public static func output(ofCallback answer: JSON) -> JSON { answer }
}

/// What a worker returns.
public protocol WorkerOutput: Sendable {
  /// Every field of `json`, so that references to outputs can be checked before anything runs.
  static var fields: [OutputField] { get }
  /// The output as a JSON object.
  var json: JSON { get }
  /// What the worker stored; settle registers it.
  var artifacts: [Artifact] { get }
}

extension WorkerOutput {
  public var artifacts: [Artifact] { [] }
}

/// One field of a worker's output.
public struct OutputField: Sendable, Hashable {
  public let name: String
  /// One sentence for the documentation.
  public let summary: String

  /// Declares a field.
  public init(_ name: String, _ summary: String) {
    self.name = name
    self.summary = summary
  }
}

/// What a worker is told about the job it works on, and what it may use.
public struct WorkerContext: Sendable {
  public let job: JobID
  public let run: RunID
  public let tenant: TenantID
  public let pipeline: PipelineName
  public let stage: StageName
  /// Which attempt this is, from 1.
  public let attempt: Int
  /// What allows this attempt to write; domain transactions compare it.
  public let authority: Authority
  /// The world: time, chance, ids.
  public let environment: Environment
  /// The attempt's span, and what makes spans under it; nil where no spans are made.
  public let tracing: AttemptTracing?
  let logFields: [String: String]
  private let baseLog: Logger
  /// Takes what the attempt reports.
  let reporting: @Sendable (JobProgress) -> Void
  /// Makes the token of `callback`; nil where no callback can arrive.
  let callbacks: CallbackKey?

  /// The same for every attempt of the job: what makes an effect outside the store happen once.
  public var idempotencyKey: String { job.rawValue }

  /// A logger with the job's fields and those of the event that caused it.
  public var log: Logger {
    baseLog.with(eventFields: logFields).with(trace: trace).with([
      .jobID: job.rawValue, .runID: run.rawValue, .pipeline: pipeline.rawValue, .stage: stage.rawValue,
      .attempt: String(attempt), .tenantID: tenant.rawValue,
    ])
  }

  /// The attempt's place in the trace that began with the event; where no spans are made, the event's place.
  public var trace: TraceContext? {
    tracing.map { $0.span.context.trace } ?? TraceContext(fields: logFields)
  }

  /// The header field `traceparent` for whoever is called on the job's behalf; nil where there is no trace.
  public var traceParent: String? { trace?.traceParent }

  /// Puts a context together; `logFields` are the event's, and `reporting` takes what the attempt reports: without it
  /// that leads nowhere.
  public init(
    job: JobID, run: RunID, tenant: TenantID, pipeline: PipelineName, stage: StageName, attempt: Int,
    authority: Authority, logFields: [String: String], baseLog: Logger, environment: Environment,
    tracing: AttemptTracing? = nil, callbacks: CallbackKey? = nil,
    reporting: @escaping @Sendable (JobProgress) -> Void = { _ in }
  ) {
    self.job = job
    self.run = run
    self.tenant = tenant
    self.pipeline = pipeline
    self.stage = stage
    self.attempt = attempt
    self.authority = authority
    self.logFields = logFields
    self.baseLog = baseLog
    self.environment = environment
    self.tracing = tracing
    self.reporting = reporting
    self.callbacks = callbacks
  }
}
