public import Tracing

/// What a span is called and what it tells: data, in one list (`SpanName`).
public struct SpanDefinition: Sendable {
  /// The name's form, with what varies in braces.
  public let form: String
  public let kind: SpanKind
  /// A sentence or two for the documentation.
  public let meaning: String
  public let attributes: [SpanKey]

  /// Describes a kind of span.
  public init(_ form: String, _ kind: SpanKind, _ meaning: String, attributes: [SpanKey]) {
    self.form = form
    self.kind = kind
    self.meaning = meaning
    self.attributes = attributes
  }

  /// The name of one span: `values` in place of what stands in braces, in order.
  public func name(_ values: String...) -> String {
    var (name, values) = ("", values[...])
    for part in form.split(separator: "{", omittingEmptySubsequences: false).enumerated() {
      let rest = part.offset == 0 ? part.element : part.element.drop { $0 != "}" }.dropFirst()
      if part.offset > 0 { name += values.popFirst() ?? "" }
      name += rest
    }
    return name
  }
}

/// Every span that Millrace makes.
public enum SpanName {
  public static let request = SpanDefinition(
    "{method} {route}", .server,
    "A request to the API, under the caller's `traceparent` where it sends one. Requests for health and metrics have a "
      + "span only where they send one.",
    attributes: [.requestMethod, .route, .responseStatus, .errorType])
  public static let event = SpanDefinition(
    "create {type}", .producer,
    "An event that was recorded, under its own `traceparent` or else the request's; or one that a run emitted, under "
      + "the attempt that completed what it comes after. The stored event's `traceparent` leads to this span, and all "
      + "that follows from the event is under it.",
    attributes: [
      .messagingSystem, .messagingOperation, .messagingDestination, .messageID, .conversationID, .tenant, .eventSource,
      .answer, .run, .pipeline,
    ])
  public static let route = SpanDefinition(
    "route {type}", .consumer, "The routing of an event: which runs it started, and how long that took.",
    attributes: [
      .messagingSystem, .messagingOperation, .messagingDestination, .messageID, .tenant, .runCount,
    ])
  public static let job = SpanDefinition(
    "job {pipeline}.{stage}", .internal,
    "A job from its creation to its end, under its event. Sent when the job ends, be it without an attempt: "
      + "cancelled, superseded, or with the result of another that did the same work. One that is replayed ends again, "
      + "and is sent again under the same id.",
    attributes: [
      .messagingSystem, .messagingOperation, .messagingDestination, .messageID, .tenant, .run, .pipeline, .stage,
      .worker, .outcome, .attempts, .errorType, .failureKind,
    ])
  public static let attempt = SpanDefinition(
    "attempt {pipeline}.{stage}", .consumer,
    "One execution of a job, under its job, with links to the attempts before it, the newest 16 at most.",
    attributes: [
      .messagingSystem, .messagingOperation, .messagingDestination, .messageID, .tenant, .run, .pipeline, .stage,
      .worker, .attempt, .fence, .host, .outcome, .errorType, .failureKind,
    ])
  public static let artifact = SpanDefinition(
    "artifact keep", .client, "An object that an attempt wrote to object storage.",
    attributes: [.tenant, .contentType, .bytes, .errorType, .failureKind])
  public static let call = SpanDefinition(
    "{method}", .client, "A request that `http.call` sent. The called service gets its `traceparent`.",
    attributes: [.requestMethod, .serverAddress, .serverPort, .responseStatus, .errorType, .failureKind])

  /// All of them, from the outermost to the innermost.
  public static let all = [request, event, route, job, attempt, artifact, call]
}

extension Tracer {
  /// Starts a span of a kind that `SpanName` has.
  public func start(
    _ definition: SpanDefinition, _ name: String, in context: ServiceContext, at moment: SpanMoment
  ) -> any Tracing.Span {
    startSpan(name, context: context, ofKind: definition.kind, at: moment)
  }
}
