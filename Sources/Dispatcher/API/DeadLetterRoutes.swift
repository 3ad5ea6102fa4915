import Logging
import WorkerKit

/// `GET /v1/dead` and `POST /v1/dead/replay`: what failed for good, and running it again.
struct DeadLetterRoutes {
  private let services: APIServices

  init(_ services: APIServices) { self.services = services }

  var routes: [APIRoute] {
    [
      APIRoute("GET", "/v1/dead", query: JobFilterReader.parameters) { try await list($0) },
      APIRoute("POST", "/v1/dead/replay") { try await replay($0) },
    ]
  }

  private func list(_ request: APIRequest) async throws -> APIResponse {
    var filter = try JobFilterReader.read(request.query)
    filter.states = [.failed, .timedOut]
    let jobs = try await services.store.jobs(filter)
    let count = try await services.store.deadLetterCount()
    let next = jobs.count == filter.limit ? jobs.last?.id : nil
    return APIResponse(JobPage.json(jobs, next: next, and: ["count": .integer(Int64(count))]))
  }

  private func replay(_ request: APIRequest) async throws -> APIResponse {
    let wish = try await ReplayWish(request.json())
    var requests: [ReplayRequest] = []
    for job in wish.jobs {
      // A job that is not there has no fence; the store answers that it is missing.
      let fence = if let named = job.fence { named } else { try await presentFence(of: job.id) ?? .first }
      requests.append(ReplayRequest(job: job.id, fence: fence, by: wish.by, reason: wish.reason))
    }
    let result = try await services.store.replay(requests)
    await deliver(result.handoff)
    let answers = zip(requests, result.answers).map { request, answer in
      JSON.object(["id": .string(request.job.rawValue), "status": .string(answer.rawValue)])
    }
    let replayed = result.answers.count { $0 == .replayed }
    services.log.log(.info, "Dead letters were replayed.", [.count: String(replayed)])
    return APIResponse(.object(["jobs": .array(answers), "replayed": .integer(Int64(replayed))]))
  }

  private func presentFence(of job: JobID) async throws(DriverError) -> Fence? {
    try await services.store.job(job)?.standing.fence
  }

  /// Pushes what was committed; a push that fails is made up for by the reconciler.
  private func deliver(_ handoff: Handoff?) async {
    do throws(DriverError) {
      try await Courier(store: services.store, queue: services.queue).deliver(handoff)
    } catch {
      services.log.log(.warning, "Replayed jobs were not pushed yet; the reconciler will.", error.logFields)
    }
  }
}
