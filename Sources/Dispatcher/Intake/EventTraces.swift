import Tracing
import WorkerKit

/// The spans of events that a request brings, and the events with their places in the trace.
///
/// An event belongs to the trace that its own `traceparent` names, or else to the request's. Where spans are made, the
/// event that is kept leads to its own span, so that all that follows from it is under that.
struct EventTraces {
  private let spans: [any Tracing.Span]
  private let time: any TimeSource
  /// What is to be recorded.
  let events: [EventEnvelope]

  /// Starts a span for each event, in the present request's context.
  init(_ events: [EventEnvelope], tracer: (any Tracer)?, time: any TimeSource) {
    self.time = time
    let request = ServiceContext.current?.trace
    var (placed, spans) = ([EventEnvelope](), [any Tracing.Span]())
    for event in events {
      var (event, place) = (event, event.trace ?? request)
      if let tracer {
        let span = Self.span(of: event, under: place, request: request, tracer: tracer, at: time.moment)
        spans.append(span)
        place = span.context.trace
      }
      event.place(at: place)
      placed.append(event)
    }
    self.events = placed
    self.spans = spans
  }

  /// Ends the spans with what became of their events.
  func end(_ answers: [RecordAnswer]) {
    let moment = time.moment
    for (span, answer) in zip(spans, answers) {
      span.set([.answer: answer.word])
      span.end(at: moment)
    }
  }

  /// Ends the spans of events that could not be recorded.
  func fail(_ error: DriverError) {
    let moment = time.moment
    for span in spans {
      span.fail(Failure(driver: error), at: moment)
      span.end(at: moment)
    }
  }

  private static func span(
    of event: EventEnvelope, under place: TraceContext?, request: TraceContext?, tracer: any Tracer,
    at moment: SpanMoment
  ) -> any Tracing.Span {
    let span = tracer.start(
      SpanName.event, SpanName.event.name(event.type), in: ServiceContext(trace: place), at: moment)
    span.set(event.spanAttributes(operation: "create"))
    // An event of another trace still came with this request.
    if let request, request.traceID != place?.traceID {
      span.addLink(SpanLink(context: ServiceContext(trace: request), attributes: [:]))
    }
    return span
  }
}

extension EventEnvelope {
  /// Puts the event at a place in a trace; nil leaves it as it came.
  fileprivate mutating func place(at place: TraceContext?) {
    guard let place else { return }
    traceParent = place.traceParent
    traceState = place.state
  }
}
