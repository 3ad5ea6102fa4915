extension PipelineCheck {
  /// Checks the expression of a schedule, and its zone where workers are checked too: a stored revision compiles on a
  /// host whose time zone database lacks the zone.
  mutating func checkSchedule(of trigger: TriggerDraft) {
    guard let schedule = trigger.schedule else { return }
    let checked = registry == nil ? Schedule(cron: schedule.cron) : schedule
    for problem in checked.problems(zones: .system) {
      problems.note(
        .invalidSchedule, at: trigger.schedulePlaces[problem.key] ?? .start,
        "trigger.\(problem.key.rawValue): \(problem.message)", hint: problem.hint)
    }
  }
}
