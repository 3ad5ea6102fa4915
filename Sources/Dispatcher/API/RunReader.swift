import WorkerKit

/// A run with its jobs, as it stands.
struct ReadRun {
  let json: JSON
  let deadLetters: [JobID]
}

/// Reads runs with everything about their stages.
struct RunReader {
  let store: any JobStore
  let queue: any JobQueue
  let library: PipelineLibrary

  func read(_ run: RunRecord) async throws -> ReadRun {
    let jobs = try await LiveStates(queue: queue).apply(to: store.jobs(of: run.id))
    let pauses = try await store.pauses(over: jobs)
    let stages = jobs.map { job in
      JSON.object([
        "stage": .string(job.stage.rawValue), "state": .string(job.standing.state.rawValue),
        "job": job.json(under: pauses),
      ])
    }
    var json = run.members
    json["stages"] = .array(stages + idle(run) + (try await waiting(run, jobs)))
    return ReadRun(json: .object(json), deadLetters: jobs.filter(\.standing.state.isDead).map(\.id))
  }

  /// The stages that have no job because of how others ended.
  private func idle(_ run: RunRecord) -> [JSON] {
    run.standing.idle.sorted { $0.key < $1.key }.map { stage, idle in
      .object([
        "stage": .string(stage.rawValue), "state": .string(idle.kind.rawValue.uppercased()),
        "reason": .string(idle.reason),
      ])
    }
  }

  /// The stages whose turn has not come, or never will.
  private func waiting(_ run: RunRecord, _ jobs: [Job]) async throws -> [JSON] {
    guard [.running, .cancelled].contains(run.standing.state), let pipeline = try await pipeline(run.revision) else {
      return []
    }
    let members: [String: JSON] =
      run.standing.state == .running
      ? ["state": "WAITING"] : ["state": "CANCELLED", "reason": "the run was cancelled"]
    let seen = Set(jobs.map(\.stage)).union(run.standing.idle.keys)
    return pipeline.ordered.filter { !seen.contains($0.name) }.map { stage in
      .object(["stage": .string(stage.name.rawValue)].merging(members) { own, _ in own })
    }
  }

  private func pipeline(_ revision: RevisionHash) async throws -> Pipeline? {
    if let known = library.pipeline(revision) { return known }
    // A source that this version cannot read any more only leaves the list of waiting stages out.
    for stored in try await store.revisions([revision]) { try? library.add(stored) }
    return library.pipeline(revision)
  }
}
