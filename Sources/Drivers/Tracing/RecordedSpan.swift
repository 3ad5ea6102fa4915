import Synchronization
public import Tracing
import WorkerKit

/// A span of `OTLPTracer`. Safe to use from any task; what is said after its end is not told.
public final class RecordedSpan: Tracing.Span {
  private struct State {
    var name: String
    var details = SpanDetails()
    var hasEnded = false
  }

  public let context: ServiceContext
  private let place: TraceContext
  private let parent: SpanID?
  private let kind: SpanKind
  private let start: UInt64
  private let state: Mutex<State>
  /// Nil where the trace is not sampled: then nothing is kept.
  private let sink: (@Sendable (FinishedSpan) -> Void)?

  init(
    _ name: String, kind: SpanKind, context: ServiceContext, place: TraceContext, parent: SpanID?, start: UInt64,
    sink: (@Sendable (FinishedSpan) -> Void)?
  ) {
    var context = context
    context.trace = place
    context.plannedSpan = nil
    self.context = context
    self.place = place
    self.parent = parent
    self.kind = kind
    self.start = start
    self.sink = sink
    state = Mutex(State(name: name))
  }

  public var isRecording: Bool { sink != nil && !state.withLock { $0.hasEnded } }

  /// The span's name; the last one given is told.
  public var operationName: String {
    get { state.withLock { $0.name } }
    set { change { $0.name = newValue } }
  }

  /// What is said about the span; beyond 64 attributes, the rest is counted and left out.
  public var attributes: SpanAttributes {
    get { state.withLock { $0.details.attributes } }
    set { change { $0.details.replace(newValue) } }
  }

  /// Says how it went; a status' message is not told.
  public func setStatus(_ status: SpanStatus) { change { $0.details.status = status } }

  /// Notes that something happened; beyond 32 times it is counted and left out.
  public func addEvent(_ event: SpanEvent) { change { $0.details.add(event) } }

  /// Refers to another span; beyond 32 links they are counted and left out.
  public func addLink(_ link: SpanLink) { change { $0.details.add(link) } }

  /// Adds the event `exception`: what kind of error it is, and never its text, which may hold anything.
  public func recordError<Instant: TracerInstant>(
    _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
  ) {
    var attributes = attributes
    attributes[SpanKey.exceptionType.rawValue] = Self.type(of: error)
    addEvent(SpanEvent(name: "exception", at: instant(), attributes: attributes))
  }

  /// Ends the span and hands it on, the first time; never waits.
  public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
    guard let sink else { return }
    let ended = state.withLock { state -> (String, SpanDetails)? in
      guard !state.hasEnded else { return nil }
      state.hasEnded = true
      return (state.name, state.details)
    }
    guard let (name, details) = ended else { return }
    sink(
      FinishedSpan(
        place: place, parent: parent, name: name, kind: kind, start: start,
        end: max(start, instant().nanosecondsSinceEpoch), details: details))
  }

  private func change(_ body: (inout State) -> Void) {
    guard sink != nil else { return }
    state.withLock { if !$0.hasEnded { body(&$0) } }
  }

  private static func type(of error: any Error) -> String {
    switch error {
    case let failure as Failure: failure.code
    case let error as DriverError: error.code
    default: String(describing: Swift.type(of: error))
    }
  }
}
