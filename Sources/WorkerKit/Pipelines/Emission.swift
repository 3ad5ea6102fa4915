import Crypto

/// One event that a run emits: once all that it comes after has succeeded, or once a stage has a dead letter.
struct Emission {
  let pipeline: PipelineName
  let run: RunID
  /// Which of its run's events it is: an index of `emit`, or the stage whose `on_failure` it is.
  let place: String
  let event: String
  let payload: Template
  var locals: [String: JSON] = [:]
  /// True where spans are made: then the event is a span of its own.
  var isTraced = false

  /// The event, or why there is none.
  enum Result {
    case event(EventEnvelope)
    case problem(String)
  }

  /// The place of the event that tells of a stage's dead letter.
  static func failurePlace(_ stage: StageName) -> String { "on_failure/\(stage)" }

  /// A run has one generation of events until runs can be repeated as a whole.
  private static let generation = 1

  /// The event's id: the same whenever and wherever it is planned, so that stores keep one.
  var id: EventID { Self.id(run: run, place: place) }

  /// The id of the event at `place` of a run.
  static func id(run: RunID, place: String) -> EventID {
    let text = "\(run.rawValue)/\(Self.generation)/\(place)"
    return EventID(String(SHA256.hash(data: Array(text.utf8)).hexadecimal.prefix(32)))
  }

  func event(facts: inout RunFacts, now: () -> Timestamp) throws(DriverError) -> Result {
    let cause = try facts.envelope()
    guard cause.hops < EventLimits.hops else {
      return refused("it would be the \(cause.hops + 1)th in a chain of events, and \(EventLimits.hops) are allowed")
    }
    let payload: JSON
    switch try self.payload.resolved({ reference throws(DriverError) in
      try facts.value(of: reference, locals: locals)
    }) {
    case .value(let value): payload = value
    case .missing(let reference): return refused("\(reference) leads to nothing")
    }
    guard payload.bytes().count <= EventLimits.payloadBytes else {
      return refused("its payload has more than \(EventLimits.payloadBytes) bytes")
    }
    // What is deeper could not be read back: the envelope is one level more.
    guard !payload.isNested(deeperThan: JSONLimits.standard.depth - 1) else {
      return refused("its payload is nested more than \(JSONLimits.standard.depth - 1) levels deep")
    }
    let trace = isTraced ? trace(after: cause.trace) : nil
    return .event(
      EventEnvelope(
        id: id, source: "millrace/\(pipeline)", type: event, occurredAt: now(), tenant: cause.tenant,
        correlationID: cause.correlationID, traceParent: trace?.traceParent ?? cause.traceParent,
        traceState: trace?.state ?? cause.traceState, context: cause.context, hops: cause.hops + 1, payload: payload))
  }

  /// The place of the event's own span, in the trace of what caused it.
  func trace(after cause: TraceContext?) -> TraceContext {
    let trace = cause ?? TraceContext(run: run)
    return trace.isSampled ? trace.at(SpanID(digits: id.rawValue.utf8.prefix(16))) : trace
  }

  private func refused(_ reason: String) -> Result { .problem("\(event) was not emitted: \(reason)") }
}

extension JSON {
  /// True when arrays and objects are nested in it more than `levels` deep; a scalar has depth 0.
  fileprivate func isNested(deeperThan levels: Int) -> Bool {
    switch self {
    case .array(let elements): levels <= 0 || elements.contains { $0.isNested(deeperThan: levels - 1) }
    case .object(let members): levels <= 0 || members.values.contains { $0.isNested(deeperThan: levels - 1) }
    default: false
    }
  }
}
