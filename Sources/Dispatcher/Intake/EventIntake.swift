import WorkerKit

/// `POST /v1/events`: events in any `EventMode`, checked, by their schemas too, and recorded as a whole.
struct EventIntake {
  private let services: APIServices

  /// The most events of one request.
  static let mostEvents = 1000

  init(_ services: APIServices) { self.services = services }

  var routes: [APIRoute] { [APIRoute("POST", "/v1/events") { try await take($0) }] }

  private func take(_ request: APIRequest) async throws -> APIResponse {
    // Before the body is read: who is not let in yet keeps it.
    try await services.admitEvents()
    let mode = try EventMode(of: request)
    let read = try await envelopes(of: request, mode)
    try check(read, mode)
    let traces = EventTraces(read, tracer: services.tracer, time: services.environment.time)
    let events = traces.events
    let answers = try await record(events, traces)
    services.pressure?.note(recorded: answers.count { $0 == .accepted })
    services.arrivals.raise()
    for word in answers.map(\.word) { services.metrics.add(to: MetricName.events, word) }
    let results = zip(events, answers).map { event, answer in
      JSON.object([
        "id": .string(event.id.rawValue), "tenant_id": .string(event.tenant.rawValue), "status": .string(answer.word),
      ])
    }
    var response = APIResponse(.object(["events": .array(results)]), status: 202)
    if events.count == 1, let event = events.first { response.headers[.location] = Self.location(of: event) }
    return response
  }

  private func record(
    _ events: [EventEnvelope], _ traces: EventTraces
  ) async throws(DriverError) -> [RecordAnswer] {
    if events.isEmpty { return [] }
    do throws(DriverError) {
      let answers = try await services.store.record(events)
      traces.end(answers)
      return answers
    } catch {
      traces.fail(error)
      throw error
    }
  }

  /// Where an event can be followed.
  static func location(of event: EventEnvelope) -> String {
    "/v1/events/\(PercentCoding.encode(event.id.rawValue))?tenant_id=\(PercentCoding.encode(event.tenant.rawValue))"
  }

  private func envelopes(of request: APIRequest, _ mode: EventMode) async throws -> [EventEnvelope] {
    let now = services.environment.time.now
    switch mode {
    case .envelopes:
      let body = try await request.parsed()
      let values = if case .array(let values) = body { values } else { [body] }
      return try read(values, least: 1) { value throws(EnvelopeError) in try EventEnvelope.read(value, now: now) }
    case .structured:
      return try cloudEvents([try await request.parsed()], now: now)
    case .batched:
      guard case .array(let values) = try await request.parsed() else {
        throw Problem(400, "invalid_events", "A batch of CloudEvents is a JSON array; nothing was recorded.")
      }
      return try cloudEvents(values, now: now)
    case .binary:
      let event = try BinaryEvent(request, body: await request.body())
      return try read([event]) { event throws(EnvelopeError) in try EventEnvelope.read(event.cloudEvent(), now: now) }
    }
  }

  /// Refuses all events where the payload of one breaks its schema.
  private func check(_ events: [EventEnvelope], _ mode: EventMode) throws(Problem) {
    let schemas = services.library.schemas
    guard schemas.count > 0 else { return }
    var items: [Problem.Item] = []
    for (index, event) in events.enumerated() where items.count < Problem.mostItems {
      items += schemas.violations(of: event).map { violation in
        violation.keyword == "version"
          ? .init(index: index, field: "version", code: "no_schema", message: violation.expectation)
          : .init(
            index: index, field: mode.payloadField, code: violation.keyword, message: violation.expectation,
            pointer: violation.pointer)
      }
    }
    guard items.isEmpty else {
      services.metrics.add(events.count, to: MetricName.events, "refused")
      throw Problem(
        422, "payload_breaks_schema", "A payload is not what its event's schema says; nothing was recorded.",
        items: items)
    }
  }

  private func cloudEvents(_ values: [JSON], now: Timestamp) throws(Problem) -> [EventEnvelope] {
    try read(values) { value throws(EnvelopeError) in try EventEnvelope.read(CloudEvent(json: value), now: now) }
  }

  private func read<Item>(
    _ items: [Item], least: Int = 0, _ read: (Item) throws(EnvelopeError) -> EventEnvelope
  ) throws(Problem) -> [EventEnvelope] {
    guard (least...Self.mostEvents).contains(items.count) else {
      throw Problem(400, "invalid_events", "Send \(least) to \(Self.mostEvents) events; nothing was recorded.")
    }
    var (events, problems) = ([EventEnvelope](), [Problem.Item]())
    for (index, item) in items.enumerated() {
      do throws(EnvelopeError) {
        events.append(try read(item))
      } catch {
        problems += error.problems.map { .init(index: index, field: $0.field, code: $0.code, message: $0.message) }
      }
    }
    guard problems.isEmpty else {
      services.metrics.add(items.count, to: MetricName.events, "refused")
      throw Problem(
        400, "invalid_events", "Some events are not what an envelope is; nothing was recorded.", items: problems)
    }
    return events
  }
}

extension RecordAnswer {
  /// The word for answers and metrics.
  var word: String {
    switch self {
    case .accepted: "accepted"
    case .duplicate: "duplicate"
    }
  }
}
