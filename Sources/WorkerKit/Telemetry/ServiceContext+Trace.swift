public import Tracing

extension ServiceContext {
  private enum TraceKey: ServiceContextKey {
    typealias Value = TraceContext
  }

  private enum PlannedSpanKey: ServiceContextKey {
    typealias Value = PlannedSpan
  }

  /// Where in a trace this is; nil outside of every trace.
  public var trace: TraceContext? {
    get { self[TraceKey.self] }
    set { self[TraceKey.self] = newValue }
  }

  /// The identity that the next span is to have, where it is not to be drawn by lot.
  public var plannedSpan: PlannedSpan? {
    get { self[PlannedSpanKey.self] }
    set { self[PlannedSpanKey.self] = newValue }
  }

  /// A context at a place in a trace, whose next span may have an identity of its own.
  public init(trace: TraceContext?, plannedSpan: PlannedSpan? = nil) {
    self = .topLevel
    self.trace = trace
    self.plannedSpan = plannedSpan
  }
}

/// The identity of a span that more than one process has to know, worked out and not drawn by lot.
public struct PlannedSpan: Sendable, Hashable {
  /// The trace where no parent names one.
  public let traceID: TraceID
  public let spanID: SpanID

  /// Names a span to come.
  public init(traceID: TraceID, spanID: SpanID) {
    self.traceID = traceID
    self.spanID = spanID
  }
}
