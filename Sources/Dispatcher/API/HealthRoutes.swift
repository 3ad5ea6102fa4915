import WorkerKit

/// `GET /health/live` and `GET /health/ready`.
struct HealthRoutes {
  private let checks: [ReadinessCheck]

  init(_ services: APIServices) {
    checks = [.store(services.store), .queue(services.queue)] + services.checks
  }

  var routes: [APIRoute] {
    [
      APIRoute("GET", APIResponder.open) { _ in APIResponse(.object(["status": "live"])) },
      APIRoute("GET", "/health/ready") { _ in try await ready() },
    ]
  }

  /// Names each thing that the program needs, and what is wrong with it.
  private func ready() async throws -> APIResponse {
    var (results, failed) = ([JSON](), [String]())
    for check in checks {
      let problem = await check.problem()
      if problem != nil { failed.append(check.name) }
      let remark = problem == nil ? await check.remark() : nil
      let status = problem != nil ? "failed" : remark != nil ? check.remarkedStatus : "ok"
      results.append(
        .object(["name": .string(check.name), "status": .string(status), "detail": .text(problem ?? remark)]))
    }
    guard failed.isEmpty else {
      var problem = Problem(503, "not_ready", "These are not ready: \(failed.joined(separator: ", ")).")
      problem.members["checks"] = .array(results)
      problem.headers[.retryAfter] = "1"
      throw problem
    }
    return APIResponse(.object(["status": "ready", "checks": .array(results)]))
  }
}
