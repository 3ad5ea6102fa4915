internal import WorkerKit

extension RunRecord {
  /// The same run with another standing.
  func with(_ standing: RunStanding) -> RunRecord {
    RunRecord(
      id: id, event: event, tenant: tenant, pipeline: pipeline, revision: revision, createdAt: createdAt,
      standing: standing, replay: replay)
  }

  /// The run after a plan: what the plan says of the run as a whole takes the place of what was said before.
  func planned(_ plan: RunPlan, at moment: Timestamp) -> RunRecord {
    let finishedAt = plan.state == .running ? nil : standing.finishedAt ?? moment
    return with(
      RunStanding(state: plan.state, finishedAt: finishedAt, idle: plan.idle, problems: plan.problems))
  }
}
