public import WorkerKit

extension JobStore {
  /// Routes events of which no job has an ordering, so that no run has anything more to plan.
  /// - Throws: A `DriverError` of kind refused where one has.
  public func route(limit: Int, plan: @escaping RoutePlanner) async throws(DriverError) -> RouteResult {
    try await route(limit: limit, plan: plan) { _ in throw PlanFailure() }
  }

  /// Replays events of which no job has an ordering.
  /// - Throws: A `DriverError` of kind refused where one has.
  func replayEvents(_ replay: EventReplay, plan: @escaping RoutePlanner) async throws(DriverError)
    -> EventReplayResult
  {
    try await replayEvents(replay, plan: plan) { _ in throw PlanFailure() }
  }
}
