import AutosaveWorker
import Dispatcher
import WorkerKit

/// `GET /v1/documents/{document}/revisions` and `…/{revision}`: what autosave has kept.
struct RevisionRoutes: APIExtension {
  let shelf: any RevisionShelf

  var routes: [APIRoute] {
    [
      APIRoute("GET", "/v1/documents/{document}/revisions", query: ["tenant_id", "before", "limit"]) {
        try await history($0)
      },
      APIRoute("GET", "/v1/documents/{document}/revisions/{revision}", query: ["tenant_id"]) {
        try await content($0)
      },
    ]
  }

  private func history(_ request: APIRequest) async throws -> APIResponse {
    let limit = try Self.number(request, "limit") ?? 100
    let revisions = try await shelf.history(
      of: request.parameter("document"), tenant: try Self.tenant(request), before: try Self.number(request, "before"),
      limit: min(max(1, limit), 1000))
    guard !revisions.isEmpty else { throw Problem(404, "not_found", "There is no revision of this document.") }
    return APIResponse(
      .object([
        "revisions": .array(
          revisions.map { revision in
            .object([
              "revision": .integer(Int64(revision.number)), "content_hash": .string(revision.contentHash),
              "bytes": .integer(Int64(revision.bytes)), "stored_bytes": .integer(Int64(revision.storedBytes)),
              "saved_at": .string(revision.savedAt.description),
            ])
          })
      ]))
  }

  private func content(_ request: APIRequest) async throws -> APIResponse {
    guard let number = Int(request.parameter("revision")) else {
      throw Problem(400, "invalid_parameter", "A revision is a whole number.")
    }
    let content = try await shelf.content(
      of: request.parameter("document"), revision: number, tenant: try Self.tenant(request))
    guard let content else { throw Problem(404, "not_found", "There is no such revision of this document.") }
    return APIResponse(content, contentType: "text/plain; charset=utf-8")
  }

  private static func tenant(_ request: APIRequest) throws -> TenantID {
    guard let tenant = request.query["tenant_id"], !tenant.isEmpty else {
      throw Problem(400, "invalid_parameter", "Say whose document it is: add ?tenant_id=.")
    }
    return TenantID(tenant)
  }

  private static func number(_ request: APIRequest, _ name: String) throws -> Int? {
    guard let text = request.query[name] else { return nil }
    guard let number = Int(text), number >= 0 else {
      throw Problem(400, "invalid_parameter", "\(name) is a whole number that is not negative.")
    }
    return number
  }
}
