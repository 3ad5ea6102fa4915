import Logging
import WorkerKit

/// `GET /v1/dead`, `GET /v1/dead/groups` and `POST /v1/dead/replay`: what failed for good, and running it again.
struct DeadLetterRoutes {
  private let services: APIServices

  /// How many jobs one transaction replays.
  private static let batch = 100
  /// How many jobs a preview shows whole.
  private static let sample = 5

  init(_ services: APIServices) { self.services = services }

  var routes: [APIRoute] {
    [
      APIRoute("GET", "/v1/dead", query: JobFilterReader.parameters) { try await list($0) },
      APIRoute("GET", "/v1/dead/groups", query: JobFilterReader.parameters.subtracting(["limit", "before"])) {
        try await groups($0)
      },
      APIRoute("POST", "/v1/dead/replay") { try await replay($0) },
    ]
  }

  private func list(_ request: APIRequest) async throws -> APIResponse {
    var filter = try JobFilterReader.read(request.query)
    filter.states = [.failed, .timedOut]
    try await PageStart(store: services.store).check(filter.before)
    let page = try await services.store.find(filter)
    let count = try await services.store.deadLetterCount()
    return APIResponse(JobPage.json(page.jobs, next: page.next, and: ["count": .integer(Int64(count))]))
  }

  /// Groups of the newest dead letters; `is_complete` says whether there are more than were read.
  private func groups(_ request: APIRequest) async throws -> APIResponse {
    var filter = try JobFilterReader.read(request.query)
    filter.states = [.failed, .timedOut]
    let (jobs, next) = try await DeadLetters(store: services.store).find(filter, limit: DeadLetters.mostRead)
    let groups = DeadLetterGroup.grouped(jobs)
    return APIResponse(
      .object([
        "count": .integer(Int64(jobs.count)), "is_complete": .bool(next == nil), "groups": .array(groups.map(\.json)),
      ]))
  }

  private func replay(_ request: APIRequest) async throws -> APIResponse {
    let body = try await request.json()
    if DeadReplayWish.isMeant(by: body) { return APIResponse(try await replay(DeadReplayWish(body))) }
    let wish = try ReplayWish(body)
    try await services.admitReplay()
    var requests: [ReplayRequest] = []
    for job in wish.jobs {
      // A job that is not there has no fence; the store answers that it is missing.
      let fence = if let named = job.fence { named } else { try await presentFence(of: job.id) ?? .first }
      requests.append(ReplayRequest(job: job.id, fence: fence, by: wish.by, reason: wish.reason))
    }
    let answers = zip(requests, try await replay(requests)).map { request, answer in
      JSON.object(["id": .string(request.job.rawValue), "status": .string(answer.rawValue)])
    }
    let replayed = answers.count { $0["status"] == .string(ReplayAnswer.replayed.rawValue) }
    return APIResponse(.object(["jobs": .array(answers), "replayed": .integer(Int64(replayed))]))
  }

  /// Previews or replays what dead letters have in common, under the fences that they have in the page that is shown.
  private func replay(_ wish: DeadReplayWish) async throws -> JSON {
    try DeadReplayWish.check(await PageStart(store: services.store).problems(behind: wish.selection.before))
    let (jobs, next) = try await DeadLetters(store: services.store).find(
      wish.selection.filter, kind: wish.kind, limit: wish.selection.limit)
    let outdated = try await services.store.outdated(jobs.map(\.id))
    var members: [String: JSON] = [
      "count": .integer(Int64(jobs.count)), "superseded": .integer(Int64(outdated.count)),
      "groups": .array(DeadLetterGroup.grouped(jobs).map(\.json)), "next_before": .text(next?.rawValue),
      "sample": .array(jobs.prefix(Self.sample).map(\.json)),
      "jobs": .array(
        jobs.map { .object(["id": .string($0.id.rawValue), "fence": .integer($0.standing.fence.rawValue)]) }),
    ]
    guard !wish.isPreview else { return .object(members) }
    try await services.admitReplay()
    var counts: [String: Int64] = [:]
    for start in stride(from: 0, to: jobs.count, by: Self.batch) {
      let requests = jobs[start..<min(start + Self.batch, jobs.count)].map { job in
        ReplayRequest(job: job.id, fence: job.standing.fence, by: wish.by, reason: wish.reason)
      }
      for answer in try await replay(requests) { counts[answer.rawValue, default: 0] += 1 }
    }
    members["answers"] = .object(counts.mapValues { .integer($0) })
    members["replayed"] = .integer(counts[ReplayAnswer.replayed.rawValue] ?? 0)
    return .object(members)
  }

  private func replay(_ requests: [ReplayRequest]) async throws(DriverError) -> [ReplayAnswer] {
    let result = try await services.planning(ending: \.ended) { next throws(DriverError) in
      try await services.store.replay(requests, next: next)
    }
    await services.deliver(result.handoff, orLog: "Replayed jobs were not pushed yet; the reconciler will.")
    let replayed = result.answers.count { $0 == .replayed }
    services.log.log(.info, "Dead letters were replayed.", [.count: String(replayed)])
    return result.answers
  }

  private func presentFence(of job: JobID) async throws(DriverError) -> Fence? {
    try await services.store.job(job)?.standing.fence
  }
}
