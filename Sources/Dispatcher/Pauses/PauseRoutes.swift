import Logging
public import WorkerKit

/// `GET /v1/pauses`, `GET /v1/pauses/history`, `POST /v1/pauses` and `POST /v1/pauses/resume`: holding back what waits.
public struct PauseRoutes: APIExtension {
  private let services: APIServices
  private let active: ActivePipelines
  private let queues: Set<QueueName>
  private let tell: @Sendable () async throws(DriverError) -> Void

  /// Routes over the pauses of a store. `queues` are known beside those that active stages and waiting jobs name;
  /// `tell` tells the queue of what is in force, unless it was told already.
  public init(
    _ services: APIServices, active: ActivePipelines, queues: Set<QueueName> = [],
    tell: @escaping @Sendable () async throws(DriverError) -> Void
  ) {
    self.services = services
    self.active = active
    self.queues = queues
    self.tell = tell
  }

  public var routes: [APIRoute] {
    [
      APIRoute("GET", "/v1/pauses") { _ in try await list() },
      APIRoute("GET", "/v1/pauses/history", query: NumberedPage.parameters) { try await history($0) },
      APIRoute("POST", "/v1/pauses") { try await pause($0) },
      APIRoute("POST", "/v1/pauses/resume") { try await resume($0) },
    ]
  }

  private func list() async throws -> APIResponse {
    let isProjected = await project()
    let pauses = try await services.store.pauses()
    return APIResponse(
      .object(["projected": .bool(isProjected), "pauses": .array(pauses.pauses.map(\.json))]))
  }

  private func history(_ request: APIRequest) async throws -> APIResponse {
    let page = try NumberedPage(request)
    let deeds = try await services.store.pauseDeeds(before: page.before, limit: page.limit)
    return page.answer("deeds", deeds, number: \.number, json: \.json)
  }

  private func pause(_ request: APIRequest) async throws -> APIResponse {
    let wish = try PauseWish.pausing(await request.json())
    if !wish.isAnyway { try await check(wish.scopes) }
    let answers = try await services.store.pause(wish.scopes, by: wish.by, reason: wish.reason)
    let isProjected = await project()
    for (scope, answer) in zip(wish.scopes, answers) where answer == .paused {
      services.log.log(.notice, "A scope was paused.", Self.fields(of: scope, wish))
    }
    return Self.response(zip(wish.scopes, answers.map(\.rawValue)), isProjected)
  }

  private func resume(_ request: APIRequest) async throws -> APIResponse {
    let wish = try PauseWish.resuming(await request.json())
    let answers = try await services.store.resume(wish.scopes, by: wish.by, reason: wish.reason)
    let isProjected = await project()
    for (scope, answer) in zip(wish.scopes, answers) where answer == .resumed {
      services.log.log(.notice, "A scope was resumed.", Self.fields(of: scope, wish))
    }
    return Self.response(zip(wish.scopes, answers.map(\.rawValue)), isProjected)
  }

  /// Refuses scopes that nobody knows: a slip of the pen would pause nothing.
  private func check(_ scopes: [PauseScope]) async throws {
    let waiting = (try? await services.queue.depths().map(\.queue)) ?? []
    let known = KnownScopes(
      pipelines: active.set, queues: queues.union(active.queues).union(waiting).union([.standard]))
    let items = scopes.compactMap { scope in
      known.complaint(about: scope).map { complaint in
        Problem.Item(field: String(scope.description.prefix(100)), code: "unknown", message: complaint)
      }
    }
    guard !items.isEmpty else { return }
    throw Problem(
      404, "unknown_scope",
      "Nobody knows what is to be paused, so that nothing was; say anyway to pause it all the same.",
      items: items)
  }

  /// Tells the queue; false where it cannot be told now, which is made up for as soon as it answers again.
  private func project() async -> Bool {
    do throws(DriverError) {
      try await tell()
      return true
    } catch {
      services.log.log(.warning, "The queue could not be told of what is paused yet.", error.logFields)
      return false
    }
  }

  private static func fields(of scope: PauseScope, _ wish: PauseWish) -> [LogKey: String] {
    [.scope: scope.description, .by: wish.by, .reason: wish.reason]
  }

  private static func response(_ answers: some Sequence<(PauseScope, String)>, _ isProjected: Bool) -> APIResponse {
    APIResponse(
      .object([
        "projected": .bool(isProjected),
        "scopes": .array(answers.map { .object(["scope": .string($0.description), "status": .string($1)]) }),
      ]))
  }
}

extension Pause {
  /// The pause as the API tells it.
  var json: JSON {
    .object([
      "scope": .string(scope.description), "at": .string(at.description), "by": .string(by),
      "reason": .string(reason),
    ])
  }
}

extension PauseDeed {
  /// The deed as the API tells it.
  fileprivate var json: JSON {
    .object([
      "number": .integer(number), "at": .string(at.description), "by": .string(by),
      "action": .string(action.rawValue), "scope": .string(scope.description), "reason": .string(reason),
    ])
  }
}
