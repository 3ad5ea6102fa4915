import WorkerKit

/// `GET /v1/queues`: how full each queue is, and whether it is paused.
struct QueueRoutes {
  private let services: APIServices

  init(_ services: APIServices) { self.services = services }

  var routes: [APIRoute] { [APIRoute("GET", "/v1/queues") { _ in try await list() }] }

  private func list() async throws -> APIResponse {
    let (depths, pauses) = (try await services.queue.depths(), try await services.store.pauses())
    var queues = Dictionary(depths.map { ($0.queue, $0) }) { first, _ in first }
    // A queue that is paused is worth telling of while nothing waits in it.
    for case .queue(let name) in pauses.scopes where queues[name] == nil {
      queues[name] = QueueDepth(queue: name, waiting: 0, leased: 0, oldest: .zero)
    }
    let rows = queues.values.sorted { $0.queue < $1.queue }.map { depth in
      JSON.object([
        "queue": .string(depth.queue.rawValue), "waiting": .integer(Int64(depth.waiting)),
        "leased": .integer(Int64(depth.leased)), "oldest_seconds": .double(depth.oldest.inSeconds),
        "pause": pauses.pauses.first { $0.scope == .queue(depth.queue) }?.json ?? .null,
      ])
    }
    return APIResponse(.object(["queues": .array(rows), "pauses": .array(pauses.pauses.map(\.json))]))
  }
}
