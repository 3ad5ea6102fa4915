public import Tracing
public import WorkerKit

/// Makes spans, and hands those that have ended to a `SpanExporter`.
///
/// A span is recorded unless its parent's sampling flag says no; one without a parent begins a trace that is. Ids and
/// moments come from the environment; a `ServiceContext.plannedSpan` names an id that is known beforehand.
public struct OTLPTracer: Tracer {
  private let environment: Environment
  private let sink: @Sendable (FinishedSpan) -> Void

  /// Makes spans for an exporter.
  public init(exporter: SpanExporter, environment: Environment) {
    self.init(environment: environment) { exporter.take($0) }
  }

  init(environment: Environment, sink: @escaping @Sendable (FinishedSpan) -> Void) {
    self.environment = environment
    self.sink = sink
  }

  /// Starts a span under `context`'s place in a trace; without one, a trace.
  public func startSpan<Instant: TracerInstant>(
    _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
    at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
  ) -> RecordedSpan {
    let context = context()
    let parent = context.trace
    if let parent, !parent.isSampled {
      return RecordedSpan(
        operationName, kind: kind, context: context, place: parent, parent: nil, start: 0, sink: nil)
    }
    return RecordedSpan(
      operationName, kind: kind, context: context, place: place(under: parent, context.plannedSpan),
      parent: parent?.spanID, start: instant().nanosecondsSinceEpoch, sink: sink)
  }

  private func place(under parent: TraceContext?, _ planned: PlannedSpan?) -> TraceContext {
    let random = environment.random
    let span = planned?.spanID ?? SpanID(rawValue: random.next())
    if let parent { return parent.at(span) }
    return TraceContext(traceID: planned?.traceID ?? TraceID(high: random.next(), low: random.next()), spanID: span)
  }

  /// Does nothing: spans are on their way half a second after their end.
  public func forceFlush() {}

  /// Writes `traceparent` and `tracestate`, where there is a trace.
  public func inject<Carrier, Inject: Injector>(
    _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
  ) where Inject.Carrier == Carrier {
    guard let trace = context.trace else { return }
    injector.inject(trace.traceParent, forKey: "traceparent", into: &carrier)
    if let state = trace.state { injector.inject(state, forKey: "tracestate", into: &carrier) }
  }

  /// Reads `traceparent` and `tracestate`; one that is none leaves the context outside of every trace.
  public func extract<Carrier, Extract: Extractor>(
    _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
  ) where Extract.Carrier == Carrier {
    guard let parent = extractor.extract(key: "traceparent", from: carrier) else { return }
    context.trace = TraceContext(
      traceParent: parent, traceState: extractor.extract(key: "tracestate", from: carrier))
  }
}
