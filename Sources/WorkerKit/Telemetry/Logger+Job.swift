public import Logging

extension Logger {
  /// The same logger with the fields that an event's jobs carry.
  func with(eventFields fields: [String: String]) -> Logger {
    var logger = self
    for (key, value) in fields where key != TraceField.parent && key != TraceField.state {
      logger[metadataKey: key] = .string(value)
    }
    return logger
  }

  /// The same logger with the place in a trace, so that a line leads to its span.
  public func with(trace: TraceContext?) -> Logger {
    guard let trace else { return self }
    return with([.traceID: trace.traceID.description, .spanID: trace.spanID.description])
  }

  /// The same logger for what is said about a job's attempt by others than its worker.
  func with(_ job: Job, trace: TraceContext?) -> Logger {
    with(eventFields: job.context).with(trace: trace).with([
      .jobID: job.id.rawValue, .runID: job.run.rawValue, .pipeline: job.pipeline.rawValue,
      .stage: job.stage.rawValue, .tenantID: job.tenant.rawValue, .attempt: String(job.standing.attempts + 1),
    ])
  }
}
