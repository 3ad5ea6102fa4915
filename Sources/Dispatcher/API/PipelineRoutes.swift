import Logging
import WorkerKit

/// `GET /v1/pipelines`, `GET /v1/pipelines/activations` and `POST /v1/pipelines/rollback`: which pipelines are active,
/// how they came to be, and going back.
public struct PipelineRoutes: APIExtension {
  private let activator: PipelineActivator
  private let log: Logger

  /// Routes over what an activator keeps.
  public init(_ activator: PipelineActivator, services: APIServices) {
    self.activator = activator
    log = services.log
  }

  public var routes: [APIRoute] {
    [
      APIRoute("GET", "/v1/pipelines", query: ["sources"]) { APIResponse(try await list($0)) },
      APIRoute("GET", "/v1/pipelines/activations", query: NumberedPage.parameters) { try await history($0) },
      APIRoute("POST", "/v1/pipelines/rollback") { try await rollback($0) },
    ]
  }

  private func list(_ request: APIRequest) async throws -> JSON {
    try await activator.refresh()
    let (set, number, reading) = (activator.active.set, activator.active.number, await activator.reading)
    let withSources = request.query["sources"] == "true"
    let pipelines = set.pipelines.values.sorted { $0.name < $1.name }.map { pipeline in
      let offered = reading?.set.pipelines[pipeline.name]?.revision
      let problems = reading?.problems.filter { reading?.bad[$0.file] == .some(pipeline.name) } ?? []
      var members: [String: JSON] = [
        "pipeline": .string(pipeline.name.rawValue), "revision": .string(pipeline.revision.rawValue),
        "description": .string(pipeline.description), "event": .string(pipeline.trigger.event),
        "stages": .array(pipeline.stages.map { .string($0.name.rawValue) }),
        "held": .bool(offered != nil && offered != pipeline.revision), "problems": .array(problems.map(\.json)),
      ]
      if withSources { members["source"] = .string(pipeline.source) }
      return JSON.object(members)
    }
    return .object([
      "activation": .integer(number), "folder": .text(activator.folderPath), "pipelines": .array(pipelines),
      "problems": .array(reading?.problems.map(\.json) ?? []),
    ])
  }

  private func history(_ request: APIRequest) async throws -> APIResponse {
    let page = try NumberedPage(request)
    let activations = try await activator.store.activations(before: page.before, limit: page.limit)
    return page.answer("activations", activations, number: \.number, json: \.json)
  }

  private func rollback(_ request: APIRequest) async throws -> APIResponse {
    let wish = try await RollbackWish(request.json())
    let before = activator.active.number
    let number = try await activator.store.rollback(to: wish.number, by: wish.by, reason: wish.reason)
    guard let number else { throw Problem(404, "not_found", "There is no activation with this number.") }
    try await activator.refresh()
    if number != before {
      log.log(.info, "Pipelines were rolled back.", [.activation: String(number)])
    }
    let active = activator.active.set.revisions.map { revision in
      JSON.object(["pipeline": .string(revision.pipeline.rawValue), "revision": .string(revision.hash.rawValue)])
    }
    return APIResponse(
      .object([
        "activation": .integer(number), "restored": .integer(wish.number), "changed": .bool(number != before),
        "pipelines": .array(active),
      ]))
  }
}

extension Activation {
  /// The activation as the API tells it.
  fileprivate var json: JSON {
    .object([
      "number": .integer(number), "at": .string(at.description), "by": .string(by), "reason": .string(reason),
      "restored": restored.map { .integer($0) } ?? .null,
      "pipelines": .object(
        Dictionary(uniqueKeysWithValues: revisions.map { ($0.key.rawValue, .string($0.value.rawValue)) })),
    ])
  }
}
