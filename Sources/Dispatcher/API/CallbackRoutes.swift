import WorkerKit

/// `POST /v1/jobs/{id}/callback`: the answer from outside that an attempt waits for.
///
/// It asks for the attempt's own token and not for the server's, which no other service should have to know.
struct CallbackRoutes {
  private let services: APIServices

  init(_ services: APIServices) { self.services = services }

  var routes: [APIRoute] {
    guard let desk = services.callbacks else { return [] }
    return [
      APIRoute("POST", "/v1/jobs/{id}/callback", isOpen: true) { try await receive($0, at: desk) }
    ]
  }

  private func receive(_ request: APIRequest, at desk: CallbackDesk) async throws -> APIResponse {
    let job = JobID(request.parameter("id"))
    let tokens = request.fields(withPrefix: Callback.tokenField.lowercased()).filter { $0.name.isEmpty }
    guard tokens.count == 1, let token = tokens.first?.value, desk.admits(token, for: job) else {
      throw Problem(
        403, "callback_token", "Send the token that came with the request, unchanged, as \(Callback.tokenField).")
    }
    let wish = try await CallbackWish(request.json())
    switch try await desk.receive(wish.answer, for: job, token: token) {
    case .settled(let outcome):
      return APIResponse(.object(["id": .string(job.rawValue), "outcome": .string(outcome.word)]))
    case .early:
      var problem = Problem(
        409, "callback_early", "The attempt has not ended yet, so that nothing waits for the answer; send it again.")
      problem.headers[.retryAfter] = "1"
      throw problem
    case .over:
      throw Problem(
        409, "callback_over",
        "Nothing waits for this answer any more: it was given, its time is over, or the job was tried again or "
          + "cancelled. Nothing was changed.")
    case .tooLarge:
      throw Problem(413, "output_too_large", "An output is 1 MiB at most; larger things go to object storage.")
    }
  }
}
