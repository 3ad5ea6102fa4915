public import Tracing

/// Tells of jobs that ended without an attempt: cancelled, superseded, or with the result of another that did the same
/// work.
///
/// It is for whoever has asked the store for what ended them, and is given each once in the answer, since nobody else
/// knows: a job that waits has no host, and a host whose attempt is cut short sees that its lease is lost, not why, and
/// ends the attempt's span alone.
public struct JobEndings: Sendable {
  private let traces: HostTraces?
  private let metrics: Metrics
  private let library: PipelineLibrary?

  /// Counts in `metrics`, and makes spans with `tracer`; with nil none. Which events a job has completed is looked up
  /// in `library`; without one, no event is told of.
  public init(tracer: (any Tracer)?, metrics: Metrics, time: any TimeSource, library: PipelineLibrary? = nil) {
    traces = tracer.map { HostTraces(tracer: $0, time: time) }
    self.metrics = metrics
    self.library = library
  }

  /// What notes the events that runs emit during one call of the store, for `tell`; nil where no spans are made.
  public func emissions() -> EmissionLog? { traces.map { _ in EmissionLog() } }

  /// Sends the span of each, from its creation until now, and counts those that were superseded. Sends the spans of the
  /// events that they completed, once, as far as `emissions` has noted them.
  public func tell(_ jobs: [Job], emitting emissions: EmissionLog? = nil) {
    for job in jobs {
      let standing = job.standing
      if standing.isSuperseded { metrics.add(to: MetricName.superseded, job.pipeline.rawValue, job.stage.rawValue) }
      traces?.end(
        job, as: standing.isSuperseded ? JobStanding.supersededWord : standing.state.rawValue.lowercased(),
        attempts: standing.attempts, standing.state.isDead ? job.failure : nil)
      if let emissions { traces?.tell(emissions, after: job, of: library?.pipeline(job.revision)) }
    }
  }
}

extension JobStanding {
  fileprivate var isSuperseded: Bool { state == .cancelled && waitingFor == Self.supersededWord }
}
