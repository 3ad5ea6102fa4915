/// Stages with a job for each element of a list.
extension RunWalk {
  /// Asks for the jobs that may be live now, and says how the stage stands.
  mutating func fanOut(_ stage: Stage, _ each: Fanout, facts: inout RunFacts) throws(DriverError) -> StageStanding {
    // A list that is none was made one job, which is a dead letter and says so.
    if let refused = stages[stage.name] { return StageStanding(refused.state) }
    guard case .array(let list)? = try facts.value(of: each.list), list.count <= Fanout.elements else {
      plan.jobs.append(refusal(of: stage, "each.in \(each.list), a list of at most \(Fanout.elements) elements"))
      return .open
    }
    let jobs = elements[stage.name] ?? [:]
    let live = jobs.values.count { $0.state.isLive }
    let missing = list.indices.filter { jobs[$0] == nil }
    for index in missing.prefix(max(0, (each.parallel ?? list.count) - live)) {
      plan.jobs.append(try job(for: stage, index: index, locals: [each.name: list[index]], facts: &facts))
    }
    guard live == 0, missing.isEmpty else { return .open }
    try provideOutputs(of: stage, count: list.count, facts: &facts)
    let lost = jobs.values.count { $0.state != .succeeded }
    if lost > 0, !jobs.values.contains(where: \.state.isDead) { return .cancelled }
    return lost == 0 ? .succeeded : .lost("did not succeed for \(lost) of \(list.count) elements")
  }

  private func provideOutputs(of stage: Stage, count: Int, facts: inout RunFacts) throws(DriverError) {
    var outputs: [JSON] = []
    for index in 0..<count { outputs.append(try facts.output(of: stage.name, at: index) ?? .null) }
    facts.provide(
      ["outputs": .array(outputs), "count": .integer(Int64(count))], as: stage.name.rawValue)
  }

  private func refusal(of stage: Stage, _ wanted: String) -> NewJob {
    NewJob(
      id: JobID(run: run, stage: stage.name), stage: stage.name, worker: stage.worker,
      queue: stage.policy.queue ?? planner.queues[stage.worker] ?? .standard, input: .unresolved(reference: wanted))
  }
}
