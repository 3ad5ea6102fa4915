import Testing
import WorkerKit

/// What must be true in the end, whatever was lost on the way; read from the database and from the workers' own log.
struct RecoveryCheck {
  let world: RecoveryWorld

  private var store: any JobStore { world.node.store }

  /// Every accepted event has its run, and each of its jobs has succeeded, once, by an execution that took place.
  func run() async throws {
    let effects = Dictionary(grouping: world.effects.all, by: \.authority.job)
    #expect(!world.accepted.isEmpty)
    for event in world.accepted {
      let records = try await store.events(id: event, tenant: "acme")
      let record = try #require(records.first, "What was accepted is there.")
      #expect(records.count == 1)
      let runs = try await store.runs(of: record)
      #expect(runs.map(\.standing.state) == [.succeeded])
      for run in runs {
        let jobs = try await store.jobs(of: run.id)
        #expect(jobs.count == 2)
        for job in jobs { try await check(job, effects[job.id] ?? []) }
      }
    }
  }

  private func check(_ job: Job, _ effects: [Effects.Effect]) async throws {
    #expect(job.standing.state == .succeeded)
    let successes = try await store.attempts(of: job.id).filter { $0.outcome == "succeeded" }
    #expect(successes.count == 1, "A job ends once.")
    guard let success = successes.first else { return }
    #expect(effects.contains { $0.authority.fence == success.fence && $0.authority.holder == success.holder })
    // Whoever has read the job before its success was recorded may begin while its lease lasts.
    let last = success.finishedAt + RecoveryNode.leaseLength
    #expect(effects.allSatisfy { $0.startedAt <= last }, "Nothing is done after its success was recorded.")
  }
}
