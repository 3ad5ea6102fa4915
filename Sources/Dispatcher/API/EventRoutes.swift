import WorkerKit

/// `GET /v1/events/{id}` and `GET /v1/runs/{id}`: what an event led to.
struct EventRoutes {
  private let services: APIServices
  private let reader: RunReader

  init(_ services: APIServices) {
    self.services = services
    reader = RunReader(store: services.store, queue: services.queue, library: services.library)
  }

  var routes: [APIRoute] {
    [
      APIRoute("GET", "/v1/events/{id}", query: ["tenant_id", "source"]) { try await event($0) },
      APIRoute("GET", "/v1/runs/{id}") { request in
        guard let run = try await services.store.run(RunID(request.parameter("id"))) else {
          throw Problem.missing("run")
        }
        return APIResponse(try await reader.read(run).json)
      },
    ]
  }

  private func event(_ request: APIRequest) async throws -> APIResponse {
    let tenant = request.query["tenant_id"].map { TenantID($0) }
    var records = try await services.store.events(id: EventID(request.parameter("id")), tenant: tenant)
    if let source = request.query["source"] { records = records.filter { $0.envelope.source == source } }
    guard let record = records.first else { throw Problem.missing("event") }
    guard records.count == 1 else { throw ambiguity(of: records) }
    var runs: [ReadRun] = []
    for run in try await services.store.runs(of: record) { runs.append(try await reader.read(run)) }
    return APIResponse(
      .object([
        "event": record.envelope.json, "recorded_at": .string(record.recordedAt.description),
        "routed_at": .moment(record.routedAt), "runs": .array(runs.map(\.json)),
        "dead_letters": .array(runs.flatMap(\.deadLetters).map { .string($0.rawValue) }),
      ]))
  }

  private func ambiguity(of records: [EventRecord]) -> Problem {
    let parameter = Set(records.map(\.envelope.tenant)).count > 1 ? "tenant_id" : "source"
    return Problem(409, "ambiguous_event", "Several events have this id; add ?\(parameter)= to say which.")
  }
}
