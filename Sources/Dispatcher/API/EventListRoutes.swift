import WorkerKit

/// `GET /v1/events` and `GET /v1/runs`: pages of what came in and of what it started.
struct EventListRoutes {
  private let services: APIServices

  init(_ services: APIServices) { self.services = services }

  var routes: [APIRoute] {
    [
      APIRoute("GET", "/v1/events", query: EventFilterReader.parameters) { try await events($0) },
      APIRoute("GET", "/v1/runs", query: ["state", "tenant_id", "pipeline", "replay_id", "limit", "before"]) {
        try await runs($0)
      },
    ]
  }

  private func events(_ request: APIRequest) async throws -> APIResponse {
    let page = try await services.store.events(try EventFilterReader.read(request.query))
    return APIResponse(
      .object([
        "events": .array(page.events.map(\.summary)), "next_before": page.next.map { .integer($0) } ?? .null,
      ]))
  }

  private func runs(_ request: APIRequest) async throws -> APIResponse {
    var query = request.query
    let words = [query.removeValue(forKey: "state"), query.removeValue(forKey: "replay_id")]
    let jobs = try JobFilterReader.read(query)
    var filter = RunFilter(
      tenant: jobs.tenant, pipeline: jobs.pipeline, replay: words[1].map { ReplayID($0) },
      before: jobs.before.map { RunID($0.rawValue) }, limit: jobs.limit)
    if let word = words[0] {
      guard let state = RunStanding.State(rawValue: word.lowercased()) else {
        throw Problem.invalidQuery([
          .init(field: "state", code: "invalid", message: "A run's state is running, succeeded, failed or cancelled.")
        ])
      }
      filter.state = state
    }
    try await PageStart(store: services.store).check(filter.before)
    let page = try await services.store.find(filter)
    return APIResponse(
      .object(["runs": .array(page.runs.map { .object($0.members) }), "next_before": .text(page.next?.rawValue)]))
  }
}

extension EventRecord {
  /// What a list says about an event: everything but its payload, which may be large.
  var summary: JSON {
    guard case .object(var members) = envelope.json else { return .null }
    members["payload"] = nil
    members["sequence"] = .integer(sequence)
    members["recorded_at"] = .string(recordedAt.description)
    members["routed_at"] = .moment(routedAt)
    return .object(members)
  }
}
