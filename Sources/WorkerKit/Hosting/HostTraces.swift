import Tracing

/// Makes the spans of a host: of attempts, of the jobs that they end, and of the events that runs emit.
struct HostTraces {
  let tracer: any Tracer
  let time: any TimeSource

  /// The most attempts that a span has links to.
  private static let mostLinks = 16

  /// Starts the span of an attempt, under its job's, which is sent when the job ends.
  func start(_ job: Job, _ lease: Lease, on host: HostID) -> AttemptTracing {
    let trace = JobTrace(job)
    let fence = lease.authority.fence
    let span = tracer.start(
      SpanName.attempt, SpanName.attempt.name(job.pipeline.rawValue, job.stage.rawValue),
      in: ServiceContext(trace: trace.place, plannedSpan: Self.planned(trace.attempt(fence))), at: time.moment)
    guard span.isRecording else { return AttemptTracing(tracer: tracer, span: span) }
    span.set(Self.attributes(of: job, operation: "process"))
    span.set([.host: host.rawValue])
    span.set(.attempt, job.standing.attempts + 1)
    span.set(.fence, Int(fence.rawValue))
    for earlier in trace.attempts(before: fence, limit: Self.mostLinks) {
      span.addLink(SpanLink(context: ServiceContext(trace: earlier), attributes: [:]))
    }
    return AttemptTracing(tracer: tracer, span: span)
  }

  /// Ends the span of an attempt; without an outcome its lease is lost.
  func end(_ tracing: AttemptTracing, as outcome: Outcome?) {
    let (span, moment) = (tracing.span, time.moment)
    span.set([.outcome: outcome?.word ?? AttemptRecord.lost])
    if let failure = outcome?.failure { span.fail(failure, at: moment) }
    if outcome == nil { span.setStatus(SpanStatus(code: .error)) }
    span.end(at: moment)
  }

  /// The place of the attempt that an outcome is of.
  func attempt(_ item: Settler.Item) -> TraceContext {
    JobTrace(item.job).attempt(item.settlement.authority.fence)
  }

  /// Sends the span of a job that has ended, from its creation on.
  func end(_ item: Settler.Item) {
    let outcome = item.settlement.outcome
    guard outcome.endsJob else { return }
    end(item.job, as: outcome.word, attempts: item.job.standing.attempts + 1, outcome.failure)
  }

  /// Sends the span of a job, from its creation on.
  func end(_ job: Job, as word: String, attempts: Int, _ failure: Failure?) {
    let trace = JobTrace(job)
    let span = tracer.start(
      SpanName.job, SpanName.job.name(job.pipeline.rawValue, job.stage.rawValue),
      in: ServiceContext(trace: trace.parent, plannedSpan: Self.planned(trace.place)), at: SpanMoment(job.createdAt))
    span.set(Self.attributes(of: job, operation: "settle"))
    span.set([.outcome: word])
    span.set(.attempts, attempts)
    let moment = time.moment
    if let failure { span.fail(failure, at: moment) }
    span.end(at: moment)
  }

  /// Sends the spans of the events that a settled outcome completed, under the attempt.
  func tell(_ emissions: EmissionLog, after item: Settler.Item, of pipeline: Pipeline?) {
    guard item.settlement.outcome.endsJob, let pipeline else { return }
    let places = pipeline.places(completedBy: item.job.stage) + [Emission.failurePlace(item.job.stage)]
    for place in places { send(place, of: item.job, emissions, under: attempt(item)) }
  }

  /// Sends the spans of the events that a job completed which ended without an attempt, under the job.
  func tell(_ emissions: EmissionLog, after job: Job, of pipeline: Pipeline?) {
    guard let pipeline else { return }
    let state = job.standing.state
    var places = state == .succeeded ? pipeline.places(completedBy: job.stage) : []
    if state.isDead { places.append(Emission.failurePlace(job.stage)) }
    for place in places { send(place, of: job, emissions, under: JobTrace(job).place) }
  }

  /// Sends the span of the event that a run emits at `place`, if that was noted and nobody has sent it.
  private func send(_ place: String, of job: Job, _ emissions: EmissionLog, under parent: TraceContext) {
    guard let event = emissions.take(Emission.id(run: job.run, place: place), of: job.run), let trace = event.trace
    else { return }
    let span = tracer.start(
      SpanName.event, SpanName.event.name(event.type),
      in: ServiceContext(trace: parent, plannedSpan: Self.planned(trace)), at: time.moment)
    span.set(event.spanAttributes(operation: "create"))
    span.set([.run: job.run.rawValue, .pipeline: job.pipeline.rawValue])
    span.end(at: time.moment)
  }

  private static func planned(_ place: TraceContext) -> PlannedSpan {
    PlannedSpan(traceID: place.traceID, spanID: place.spanID)
  }

  private static func attributes(of job: Job, operation: String) -> [SpanKey: String] {
    [
      .messagingSystem: "millrace", .messagingOperation: operation, .messagingDestination: job.queue.rawValue,
      .messageID: job.id.rawValue, .tenant: job.tenant.rawValue, .run: job.run.rawValue,
      .pipeline: job.pipeline.rawValue, .stage: job.stage.rawValue, .worker: job.worker.rawValue,
    ]
  }
}

extension HostServices {
  /// What makes this host's spans; nil where none are made.
  var traces: HostTraces? { tracer.map { HostTraces(tracer: $0, time: environment.time) } }

  /// What tells of jobs that end because others were settled.
  var endings: JobEndings {
    JobEndings(tracer: tracer, metrics: metrics, time: environment.time, library: library)
  }
}

extension Pipeline {
  /// The places of the events that a job of `stage` may complete.
  fileprivate func places(completedBy stage: StageName) -> [String] {
    emits.enumerated().filter { $0.element.after.contains(stage) }.map { String($0.offset) }
  }
}

extension EventEnvelope {
  /// The event as the attributes of its span.
  public func spanAttributes(operation: String) -> [SpanKey: String] {
    var attributes: [SpanKey: String] = [
      .messagingSystem: "millrace", .messagingOperation: operation, .messagingDestination: type,
      .messageID: id.rawValue, .tenant: tenant.rawValue, .eventSource: source,
    ]
    attributes[.conversationID] = correlationID
    return attributes
  }
}

extension Outcome {
  /// True for the outcomes after which a job has ended.
  fileprivate var endsJob: Bool {
    switch self {
    case .succeeded, .failed, .timedOut: true
    case .retry, .released, .parked, .awaiting: false
    }
  }
}
