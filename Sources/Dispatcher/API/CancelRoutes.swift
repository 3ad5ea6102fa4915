import WorkerKit

/// `POST /v1/jobs/{id}/cancel`, `POST /v1/runs/{id}/cancel` and `POST /v1/jobs/cancel`: ending what nobody wants.
struct CancelRoutes {
  private let services: APIServices
  private let canceller: Canceller

  /// How many jobs one transaction cancels.
  private static let batch = 100
  /// How many jobs a preview shows.
  private static let sample = 10

  init(_ services: APIServices) {
    self.services = services
    canceller = Canceller(services: services)
  }

  var routes: [APIRoute] {
    [
      APIRoute("POST", "/v1/jobs/cancel") { try await cancelMany($0) },
      APIRoute("POST", "/v1/jobs/{id}/cancel") { try await cancelJob($0) },
      APIRoute("POST", "/v1/runs/{id}/cancel") { try await cancelRun($0) },
    ]
  }

  private func cancelJob(_ request: APIRequest) async throws -> APIResponse {
    let wish = try CancelWish(await request.json())
    guard let job = try await services.store.job(JobID(request.parameter("id"))) else { throw Problem.missing("job") }
    do throws(DriverError) {
      let result = try await canceller.cancel([wish.request(.job(job.id))], of: [job])
      return APIResponse(Self.json(result, id: job.id.rawValue))
    } catch {
      guard error.code == Canceller.unreadable else { throw error }
      throw Problem(
        409, "revision_unreadable",
        "The revision of the job's pipeline cannot be read here, so that nobody can say what follows; cancel its run.")
    }
  }

  private func cancelRun(_ request: APIRequest) async throws -> APIResponse {
    let wish = try CancelWish(await request.json())
    guard let run = try await services.store.run(RunID(request.parameter("id"))) else { throw Problem.missing("run") }
    let jobs = try await services.store.jobs(of: run.id)
    let result = try await canceller.cancel([wish.request(.run(run.id))], of: jobs)
    return APIResponse(Self.json(result, id: run.id.rawValue))
  }

  private static func json(_ result: Canceller.Result, id: String) -> JSON {
    .object([
      "id": .string(id), "status": .string(result.answers.first?.rawValue ?? CancelAnswer.missing.rawValue),
      "jobs": .array(result.jobs.map { .string($0.rawValue) }),
      "running": .array(result.running.map { .string($0.rawValue) }),
    ])
  }

  private func cancelMany(_ request: APIRequest) async throws -> APIResponse {
    let wish = try ManyCancelWish(await request.json())
    try CancelWish.check(await PageStart(store: services.store).problems(behind: wish.selection.before))
    let (jobs, next) = try await found(by: wish.selection)
    var members: [String: JSON] = [
      "count": .integer(Int64(jobs.count)), "sample": .array(jobs.prefix(Self.sample).map(\.json)),
      "next_before": .text(next?.rawValue),
    ]
    guard !wish.isPreview else { return APIResponse(.object(members)) }
    var (counts, running) = ([String: Int64](), [JSON]())
    for start in stride(from: 0, to: jobs.count, by: Self.batch) {
      let batch = Array(jobs[start..<min(start + Self.batch, jobs.count)])
      let result = try await cancel(batch, wish)
      for answer in result.answers { counts[answer, default: 0] += 1 }
      running += result.running.map { .string($0.rawValue) }
    }
    members["answers"] = .object(counts.mapValues { .integer($0) })
    members["running"] = .array(running)
    return APIResponse(.object(members))
  }

  /// Cancels jobs; one whose pipeline's revision cannot be read does not hold up the others.
  private func cancel(
    _ jobs: [Job], _ wish: ManyCancelWish
  ) async throws(DriverError) -> (answers: [String], running: [JobID]) {
    do throws(DriverError) {
      let result = try await canceller.cancel(jobs.map { wish.request(.job($0.id)) }, of: jobs)
      return (result.answers.map(\.rawValue), result.running)
    } catch {
      guard error.code == Canceller.unreadable else { throw error }
      guard jobs.count > 1 else { return (["unreadable"], []) }
      let first = try await cancel(Array(jobs.prefix(jobs.count / 2)), wish)
      let rest = try await cancel(Array(jobs.dropFirst(jobs.count / 2)), wish)
      return (first.answers + rest.answers, first.running + rest.running)
    }
  }

  /// The jobs that a wish is about, newest first, and where the next request goes on.
  private func found(by selection: JobSelection) async throws -> ([Job], next: JobID?) {
    var (filter, jobs) = (selection.filter, [Job]())
    while jobs.count < selection.limit {
      filter.limit = selection.limit - jobs.count
      let page = try await LiveJobs(store: services.store, queue: services.queue).page(filter)
      jobs += page.jobs
      guard let next = page.next else { return (jobs, nil) }
      filter.before = next
    }
    return (jobs, filter.before)
  }
}
