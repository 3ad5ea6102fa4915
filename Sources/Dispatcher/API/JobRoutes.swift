import WorkerKit

/// `GET /v1/jobs` and `GET /v1/jobs/{id}`.
struct JobRoutes {
  private let services: APIServices

  init(_ services: APIServices) { self.services = services }

  var routes: [APIRoute] {
    [
      APIRoute("GET", "/v1/jobs", query: JobFilterReader.parameters.union(["state"])) { try await list($0) },
      APIRoute("GET", "/v1/jobs/{id}") { try await show(JobID($0.parameter("id"))) },
    ]
  }

  private func list(_ request: APIRequest) async throws -> APIResponse {
    let filter = try JobFilterReader.read(request.query)
    try await PageStart(store: services.store).check(filter.before)
    let page = try await LiveJobs(store: services.store, queue: services.queue).page(filter)
    return APIResponse(
      JobPage.json(page.jobs, next: page.next, under: try await services.store.pauses(over: page.jobs)))
  }

  private func show(_ id: JobID) async throws -> APIResponse {
    guard let stored = try await services.store.job(id) else { throw Problem.missing("job") }
    let attempts = try await services.store.attempts(of: id)
    let job = try await LiveStates(queue: services.queue).apply(to: [stored])[0]
    return APIResponse(
      job.json(
        attempts: attempts, audit: try await services.store.audit(of: id),
        under: try await services.store.pauses(over: [job])))
  }
}

/// A page of jobs and where the next one begins.
enum JobPage {
  static func json(
    _ jobs: [Job], next: JobID?, and members: [String: JSON] = [:], under pauses: Pauses = Pauses()
  ) -> JSON {
    var all = members
    all["jobs"] = .array(jobs.map { $0.json(under: pauses) })
    all["next_before"] = .text(next?.rawValue)
    return .object(all)
  }
}
