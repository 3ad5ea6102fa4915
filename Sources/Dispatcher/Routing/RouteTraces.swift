import Synchronization
import Tracing
import WorkerKit

/// The spans of one pass of the router: of each event that it routed.
final class RouteTraces: Sendable {
  private struct Noted {
    let event: EventEnvelope
    let runs: Int
    let start: SpanMoment
  }

  private let tracer: any Tracer
  private let time: any TimeSource
  /// By place, since a transaction that is tried again plans its events again.
  private let noted = Mutex<[TraceContext: Noted]>([:])

  init(_ tracer: any Tracer, time: any TimeSource) {
    self.tracer = tracer
    self.time = time
  }

  /// The same planner, with what it planned noted.
  func noting(_ plan: @escaping RoutePlanner) -> RoutePlanner {
    { event in
      let start = self.time.moment
      let runs = try plan(event)
      if let place = event.trace, place.isSampled {
        self.noted.withLock { $0[place] = Noted(event: event, runs: runs.count, start: start) }
      }
      return runs
    }
  }

  /// Sends the spans, once the pass is committed.
  func end() {
    let passed = noted.withLock { $0 }
    for (place, noted) in passed {
      let span = tracer.start(
        SpanName.route, SpanName.route.name(noted.event.type), in: ServiceContext(trace: place), at: noted.start)
      var attributes = noted.event.spanAttributes(operation: "route")
      attributes[.eventSource] = nil
      attributes[.conversationID] = nil
      span.set(attributes)
      span.set(.runCount, noted.runs)
      span.end(at: time.moment)
    }
  }
}
