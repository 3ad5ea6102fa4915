public import Logging

/// The names of log fields. Message texts are constant; values stand under these keys.
public enum LogKey: String, Sendable, CaseIterable {
  case jobID = "job_id"
  case runID = "run_id"
  case eventID = "event_id"
  case tenantID = "tenant_id"
  case pipeline, stage, worker, queue, attempt, fence, host, outcome, count, file, path, signal, address, method, status
  case activation
  case failureKind = "failure_kind"
  case failureCode = "failure_code"
  case errorCode = "error_code"
  case errorDetail = "error_detail"
  case durationMilliseconds = "duration_ms"
  case delayMilliseconds = "delay_ms"
  case requestID = "request_id"
}

extension Logger {
  /// Logs a constant message with values under known keys.
  public func log(_ level: Logger.Level, _ message: Logger.Message, _ values: [LogKey: String]) {
    log(
      level: level, message,
      metadata: Logger.Metadata(uniqueKeysWithValues: values.map { ($0.key.rawValue, .string($0.value)) }))
  }

  /// The same logger with more fields.
  public func with(_ values: [LogKey: String]) -> Logger {
    var logger = self
    for (key, value) in values { logger[metadataKey: key.rawValue] = .string(value) }
    return logger
  }
}
