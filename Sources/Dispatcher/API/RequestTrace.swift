import Hummingbird
import Tracing
import WorkerKit

/// A request's span, under the trace that its caller names, and the context in which it is answered.
struct RequestTrace {
  private let span: (any Tracing.Span)?
  private let context: ServiceContext?
  private let time: any TimeSource

  /// Starts the span. Where no spans are made, what the request causes still belongs to its caller's trace.
  init(_ request: Request, route: APIRoute?, tracer: (any Tracer)?, time: any TimeSource) {
    self.time = time
    let parent = Self.parent(of: request)
    // Probes and scrapes would make a trace each, for ever, that nobody asked for.
    guard let tracer, parent != nil || route?.isProbe != true else {
      span = nil
      context = parent.map { ServiceContext(trace: $0) }
      return
    }
    let method = Self.method(of: request)
    let span = tracer.start(
      SpanName.request, route.map { SpanName.request.name(method, $0.pattern) } ?? method,
      in: ServiceContext(trace: parent), at: time.moment)
    span.set([.requestMethod: method])
    span.set(.route, route?.pattern)
    self.span = span
    context = span.context
  }

  /// Where the request is in a trace.
  var place: TraceContext? { context?.trace }

  /// Does `body` inside the request's span.
  func within<Value: Sendable>(_ body: () async throws -> Value) async rethrows -> Value {
    guard let context else { return try await body() }
    return try await ServiceContext.withValue(context) { try await body() }
  }

  /// Ends the span; without a status the connection broke.
  func end(status: Int?) {
    guard let span else { return }
    if let status { span.set(.responseStatus, status) }
    if status ?? 500 >= 500 {
      span.set(.errorType, status.map { String($0) } ?? "connection_lost")
      span.setStatus(SpanStatus(code: .error))
    }
    span.end(at: time.moment)
  }

  /// The caller's place; nil where it names none, more than one, or what is none.
  private static func parent(of request: Request) -> TraceContext? {
    let parents = values(of: "traceparent", in: request)
    guard parents.count == 1, let parent = parents.first else { return nil }
    let states = values(of: "tracestate", in: request)
    return TraceContext(traceParent: parent, traceState: states.isEmpty ? nil : states.joined(separator: ","))
  }

  private static func values(of name: String, in request: Request) -> [String] {
    request.headers.compactMap { $0.name.canonicalName == name ? $0.value : nil }
  }

  private static func method(of request: Request) -> String {
    let method = request.method.rawValue
    return known.contains(method) ? method : "_OTHER"
  }

  private static let known: Set<String> = [
    "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE",
  ]
}

extension APIRoute {
  /// True for what machines ask again and again: health and metrics.
  fileprivate var isProbe: Bool { pattern.hasPrefix("/health/") || pattern == "/metrics" }
}
