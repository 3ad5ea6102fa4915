import Logging
import WorkerKit

/// `POST /v1/events/replay`: recorded events start runs of the pipelines that are active now.
///
/// With `dry_run` it only tells what would happen. Otherwise each event starts new runs under the replay's id; asking
/// again with the same id does what is left. A request looks at 1,000 events at most, oldest first, and says in
/// `next_after` where the next one goes on.
struct EventReplayRoutes {
  private let services: APIServices

  /// How many events one transaction replays.
  private static let batch = 100

  init(_ services: APIServices) { self.services = services }

  var routes: [APIRoute] { [APIRoute("POST", "/v1/events/replay") { try await replay($0) }] }

  private func replay(_ request: APIRequest) async throws -> APIResponse {
    let wish = try EventReplayWish(await request.json(), now: services.environment.time.now)
    let pipelines = try await active(wish.pipeline)
    let (events, next) = try await found(by: wish)
    var members = Self.preview(of: events, next: next, pipelines)
    guard !wish.isPreview else { return APIResponse(.object(members)) }
    try await services.admitReplay()
    let id = wish.id ?? ReplayID(services.environment.id())
    members.merge(try await start(events, id: id, wish, pipelines)) { _, new in new }
    return APIResponse(.object(members))
  }

  /// The active pipelines, or the one that is named.
  private func active(_ name: PipelineName?) async throws -> PipelineSet {
    let revisions = try await services.store.activeRevisions().filter { name == nil || $0.pipeline == name }
    if let name, revisions.isEmpty {
      throw Problem(404, "no_such_pipeline", "There is no active pipeline of this name: \(name.rawValue.prefix(100)).")
    }
    for revision in revisions { try? services.library.add(revision) }
    return PipelineSet(revisions.compactMap { services.library.pipeline($0.hash) })
  }

  private func found(by wish: EventReplayWish) async throws -> ([EventRecord], next: Int64?) {
    var (filter, events) = (wish.filter, [EventRecord]())
    while true {
      filter.limit = min(Self.batch, wish.limit - events.count)
      let page = try await services.store.events(filter)
      events += page.events
      guard let next = page.next, events.count < wish.limit else { return (events, page.next) }
      filter.cursor = next
    }
  }

  private static func preview(
    of events: [EventRecord], next: Int64?, _ pipelines: PipelineSet
  ) -> [String: JSON] {
    var counts = Dictionary(uniqueKeysWithValues: pipelines.pipelines.keys.map { ($0, Int64(0)) })
    for event in events {
      for pipeline in pipelines.matching(event.envelope.json) { counts[pipeline.name, default: 0] += 1 }
    }
    let matching = counts.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { name, count in
      JSON.object(["pipeline": .string(name.rawValue), "events": .integer(count)])
    }
    return [
      "count": .integer(Int64(events.count)), "first": events.first?.summary ?? .null,
      "last": events.last?.summary ?? .null, "pipelines": .array(matching),
      "next_after": next.map { .integer($0) } ?? .null,
    ]
  }

  private func start(
    _ events: [EventRecord], id: ReplayID, _ wish: EventReplayWish, _ pipelines: PipelineSet
  ) async throws -> [String: JSON] {
    var (counts, runs) = ([String: Int64](), 0)
    let plan = services.library.routePlanner(pipelines, planner: services.planner)
    for start in stride(from: 0, to: events.count, by: Self.batch) {
      let batch = events[start..<min(start + Self.batch, events.count)]
      let replay = EventReplay(id: id, events: batch.map(\.sequence), by: wish.by, reason: wish.reason)
      let result = try await services.planning(ending: \.ended) { next throws(DriverError) in
        try await services.store.replayEvents(replay, plan: plan, next: next)
      }
      for answer in result.answers { counts[answer.rawValue, default: 0] += 1 }
      runs += result.runs
      await services.deliver(result.handoff, orLog: "Replayed jobs were not pushed yet; the reconciler will.")
    }
    services.arrivals.raise()
    services.log.log(.info, "Events were replayed.", [.count: String(runs)])
    return [
      "id": .string(id.rawValue), "runs": .integer(Int64(runs)),
      "answers": .object(counts.mapValues { .integer($0) }),
    ]
  }
}
