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

  /// Counts in `metrics`, and makes spans with `tracer`; with nil none.
  public init(tracer: (any Tracer)?, metrics: Metrics, time: any TimeSource) {
    traces = tracer.map { HostTraces(tracer: $0, time: time) }
    self.metrics = metrics
  }

  /// Sends the span of each, from its creation until now, and counts those that were superseded.
  public func tell(_ jobs: [Job]) {
    for job in jobs {
      let standing = job.standing
      if standing.isSuperseded { metrics.add(to: MetricName.superseded, job.pipeline.rawValue, job.stage.rawValue) }
      traces?.end(
        job, as: standing.isSuperseded ? JobStanding.supersededWord : standing.state.rawValue.lowercased(),
        attempts: standing.attempts, standing.state.isDead ? job.failure : nil)
    }
  }
}

extension JobStanding {
  fileprivate var isSuperseded: Bool { state == .cancelled && waitingFor == Self.supersededWord }
}
