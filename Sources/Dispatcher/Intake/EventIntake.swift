import WorkerKit

/// `POST /v1/events`: one envelope, or an array of them, checked and recorded as a whole.
struct EventIntake {
  private let services: APIServices

  /// The most events of one request.
  static let mostEvents = 1000

  init(_ services: APIServices) { self.services = services }

  var routes: [APIRoute] { [APIRoute("POST", "/v1/events") { try await take($0) }] }

  private func take(_ request: APIRequest) async throws -> APIResponse {
    let body = try await request.json()
    let events = try envelopes(in: body)
    let answers = try await services.store.record(events)
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

  /// Where an event can be followed.
  static func location(of event: EventEnvelope) -> String {
    "/v1/events/\(PercentCoding.encode(event.id.rawValue))?tenant_id=\(PercentCoding.encode(event.tenant.rawValue))"
  }

  private func envelopes(in body: JSON) throws(Problem) -> [EventEnvelope] {
    let values: [JSON] = if case .array(let values) = body { values } else { [body] }
    guard (1...Self.mostEvents).contains(values.count) else {
      throw Problem(400, "invalid_events", "Send 1 to \(Self.mostEvents) events; nothing was recorded.")
    }
    var (events, items) = ([EventEnvelope](), [Problem.Item]())
    let now = services.environment.time.now
    for (index, value) in values.enumerated() {
      do throws(EnvelopeError) {
        events.append(try EventEnvelope.read(value, now: now))
      } catch {
        items += error.problems.map { .init(index: index, field: $0.field, code: $0.code, message: $0.message) }
      }
    }
    guard items.isEmpty else {
      services.metrics.add(values.count, to: MetricName.events, "refused")
      throw Problem(
        400, "invalid_events", "Some events are not what an envelope is; nothing was recorded.", items: items)
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
