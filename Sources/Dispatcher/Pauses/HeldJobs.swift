import WorkerKit

extension PauseStore {
  /// What is paused, where that matters to one of these jobs: only what waits is held back.
  func pauses(over jobs: [Job]) async throws(DriverError) -> Pauses {
    jobs.contains { $0.standing.state == .queued } ? try await pauses() : Pauses()
  }
}

extension Job {
  /// What a list says about a job where these pauses are in force.
  func json(under pauses: Pauses) -> JSON { .object(held(members, under: pauses)) }

  /// Members of the job, and what holds it back.
  func held(_ members: [String: JSON], under pauses: Pauses) -> [String: JSON] {
    guard standing.state == .queued, let pause = pauses.holding(self) else { return members }
    var members = members
    members["held_by"] = .string(pause.scope.description)
    members["waiting_reason"] = .string("\(pause.by) paused \(pause.scope): \(pause.reason)")
    return members
  }
}
