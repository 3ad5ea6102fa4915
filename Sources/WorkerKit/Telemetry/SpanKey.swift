public import Tracing

/// The names of spans' attributes: OpenTelemetry's where it has one, and `millrace.` otherwise.
///
/// Values are names, ids and numbers. Neither payloads nor messages are among them.
public enum SpanKey: String, Sendable, CaseIterable {
  case requestMethod = "http.request.method"
  case route = "http.route"
  case responseStatus = "http.response.status_code"
  case serverAddress = "server.address"
  case serverPort = "server.port"
  case errorType = "error.type"
  case exceptionType = "exception.type"
  case messagingSystem = "messaging.system"
  case messagingOperation = "messaging.operation.name"
  case messagingDestination = "messaging.destination.name"
  case messageID = "messaging.message.id"
  case conversationID = "messaging.message.conversation_id"
  case tenant = "millrace.tenant.id"
  case eventSource = "millrace.event.source"
  case answer = "millrace.event.answer"
  case runCount = "millrace.runs"
  case run = "millrace.run.id"
  case pipeline = "millrace.pipeline"
  case stage = "millrace.stage"
  case worker = "millrace.worker"
  case job = "millrace.job.id"
  case attempt = "millrace.attempt"
  case attempts = "millrace.attempts"
  case fence = "millrace.fence"
  case host = "millrace.host"
  case outcome = "millrace.outcome"
  case failureKind = "millrace.failure.kind"
  case contentType = "millrace.artifact.content_type"
  case bytes = "millrace.artifact.bytes"

  /// What the value says, in a sentence.
  public var meaning: String {
    switch self {
    case .requestMethod: "The request's method; `_OTHER` where it is none that HTTP itself defines."
    case .route: "The route that answered, with its parameters in braces."
    case .responseStatus: "The response's status."
    case .serverAddress: "The host that was called."
    case .serverPort: "The port that was called."
    case .errorType: "The failure's code, or the response's status; only where something failed."
    case .exceptionType: "On the event `exception`: the failure's code, or the type of an error that has none."
    case .messagingSystem: "Always `millrace`."
    case .messagingOperation: "`create`, `route`, `process` or `settle`."
    case .messagingDestination: "The event's type, or the job's queue."
    case .messageID: "The event's id, or the job's."
    case .conversationID: "The event's `correlation_id`."
    case .tenant: "The tenant."
    case .eventSource: "Who sent the event."
    case .answer: "`accepted` or `duplicate`."
    case .runCount: "How many runs the event started."
    case .run: "The run."
    case .pipeline: "The pipeline."
    case .stage: "The stage."
    case .worker: "The worker."
    case .job: "The job."
    case .attempt: "Which attempt it was, from 1 since the job was created or replayed."
    case .attempts: "How many attempts were spent."
    case .fence: "The fence of the attempt's lease."
    case .host: "The worker host."
    case .outcome:
      "How it ended: `succeeded`, `failed`, `timed_out`, `retry`, `released` or `lost`; a job also `cancelled` or "
        + "`superseded`."
    case .failureKind: "What sort of failure it was: `transient`, `permanent`, `poison`, `crash` or `deadline`."
    case .contentType: "The object's media type."
    case .bytes: "The object's length."
    }
  }
}

extension Span {
  /// Sets an attribute; nil leaves it out.
  public func set(_ key: SpanKey, _ value: String?) {
    if let value { attributes[key.rawValue] = value }
  }

  /// Sets an attribute that is a number.
  public func set(_ key: SpanKey, _ value: Int) { attributes[key.rawValue] = value }

  /// Sets many attributes at once.
  public func set(_ values: [SpanKey: String]) {
    updateAttributes { attributes in
      for (key, value) in values { attributes[key.rawValue] = value }
    }
  }

  /// Marks the span as failed: its status, and what kind of failure it was. The failure's message and fields are not
  /// told.
  public func fail(_ failure: Failure, at moment: SpanMoment) {
    set([.errorType: failure.code, .failureKind: failure.kind.rawValue])
    recordError(failure, attributes: [:], at: moment)
    setStatus(SpanStatus(code: .error))
  }
}
