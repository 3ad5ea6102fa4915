public import Tracing

/// Sends the spans of jobs that were cancelled.
///
/// It is for whoever cancels, since nobody else knows of each: a job that waits has no host, and a host whose attempt
/// is cut short sees that its lease is lost, not why, and ends the attempt's span alone.
public struct CancelTraces: Sendable {
  private let traces: HostTraces

  /// Makes spans with `tracer`.
  public init(tracer: any Tracer, time: any TimeSource) { traces = HostTraces(tracer: tracer, time: time) }

  /// Sends the span of a job that the store has answered as cancelled, from its creation until now.
  public func end(_ job: Job) {
    traces.end(job, as: CancelRequest.word, attempts: job.standing.attempts, nil)
  }
}
