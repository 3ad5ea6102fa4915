public import Logging

/// The names of log fields. Message texts are constant; values stand under these keys.
public enum LogKey: String, Sendable, CaseIterable {
  case jobID = "job_id"
  case runID = "run_id"
  case eventID = "event_id"
  case tenantID = "tenant_id"
  case pipeline, stage, worker, queue, attempt, fence, host, outcome, count, file, path, signal, address, method, status
  case activation, scope, by, reason
  case failureKind = "failure_kind"
  case failureCode = "failure_code"
  case errorCode = "error_code"
  case errorDetail = "error_detail"
  case durationMilliseconds = "duration_ms"
  case delayMilliseconds = "delay_ms"
  case highWater = "high_water"
  case requestID = "request_id"
  case process
  case restarts
  case peakMemoryBytes = "peak_memory_bytes"
  case exitStatus = "exit_status"
  case userID = "user_id"
  case workspaceID = "workspace_id"
  case documentID = "document_id"
  case revisionID = "revision_id"
  case correlationID = "correlation_id"
  case traceID = "trace_id"
  case spanID = "span_id"

  /// What the value says, in a sentence.
  public var meaning: String {
    switch self {
    case .jobID: "The job."
    case .runID: "The run that the job belongs to."
    case .eventID: "The event."
    case .tenantID: "The tenant."
    case .pipeline: "The pipeline."
    case .stage: "The stage of the pipeline."
    case .worker: "The worker."
    case .queue: "The queue."
    case .attempt: "Which attempt it is, from 1 since the job was created or replayed."
    case .fence: "The fence of the attempt's lease."
    case .host: "The worker host."
    case .outcome: "How an attempt ended."
    case .count: "How many things the line is about."
    case .file: "A file's name."
    case .path: "A request's route, with its parameters in braces; or a path."
    case .signal: "The signal that ended a process."
    case .address: "Where something listens, or what was to be reached."
    case .method: "A request's method."
    case .status: "A response's status."
    case .failureKind: "`transient`, `permanent`, `poison`, `crash` or `deadline`."
    case .failureCode: "The failure's fixed word."
    case .errorCode: "The fixed word of an error of a store, a queue or another part."
    case .errorDetail: "What varies about that error; never a payload."
    case .durationMilliseconds: "How long it took, in milliseconds."
    case .delayMilliseconds: "How long it waits, in milliseconds."
    case .highWater: "How many may wait."
    case .requestID, .userID, .workspaceID, .documentID, .revisionID:
      "From the event's `context`, where it has it."
    case .activation: "The number of an activation of pipelines."
    case .scope: "What was paused or resumed: `queue:media`, `stage:media/scan`."
    case .by: "Who asked for something."
    case .reason: "Why, in the words of who asked."
    case .process: "The process that died."
    case .restarts: "How often a process has been started again."
    case .peakMemoryBytes: "The most memory that a process held, in bytes."
    case .exitStatus: "What a process returned when it ended by itself."
    case .correlationID: "The event's `correlation_id`."
    case .traceID: "The trace, in 32 hexadecimal digits."
    case .spanID: "The span, in 16; where no spans are made, the one that the event came with."
    }
  }

  /// What every line that is written within a job has, the event's fields where the event has them.
  public static let ofJobs: [LogKey] = [
    .jobID, .runID, .pipeline, .stage, .attempt, .tenantID, .requestID, .userID, .workspaceID, .documentID,
    .revisionID, .correlationID, .traceID, .spanID,
  ]
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
