import Dispatcher
import Foundation
import SQLiteDriver
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Pruning while the work goes on", .timeLimit(.minutes(5)))
struct PruningUnderLoadTests {
  private static let rounds = 60

  /// Records, routes, leases and settles one job; every third is a dead letter, every fourth stays live.
  private static func work(
    _ embedded: SQLiteEmbedded, _ time: ManualTime, round: Int
  ) async throws -> (live: JobID?, dead: JobID?) {
    let event = EventEnvelope(
      id: EventID("e\(round)"), type: "Tested", occurredAt: time.now, tenant: "acme", payload: [:])
    let run = RunID("R\(round)")
    let job = NewJob(
      id: JobID("R\(round)-work"), stage: "work", worker: "test.work", queue: .standard,
      input: .resolved(Array("{}".utf8)))
    _ = try await embedded.store.record([event])
    _ = try await embedded.store.route(limit: 1) { _ in
      [NewRun(id: run, pipeline: "test", revision: "r", plan: RunPlan(jobs: [job]))]
    }
    guard round % 4 != 0 else { return (job.id, nil) }
    let leases = try await embedded.queue.lease(
      LeaseRequest(queue: .standard, limit: 100, length: .seconds(15), host: "host", wait: .zero))
    let lease = try #require(leases.first { $0.authority.job == job.id })
    let isDead = round % 3 == 0
    let outcome: Outcome =
      isDead ? .failed(Failure(.permanent, "broken", "It never works.")) : .succeeded(output: [], artifacts: [])
    let settlement = Settlement(authority: lease.authority, outcome: outcome, host: "host", startedAt: time.now)
    let result = try await embedded.store.settle([settlement]) { _ in RunPlan(state: isDead ? .failed : .succeeded) }
    #expect(result.answers == [.settled])
    return (nil, isDead ? job.id : nil)
  }

  @Test("nothing that lives leaves, and what is over and old does")
  func holds() async throws {
    let folder = try TemporaryFolder()
    let time = ManualTime()
    let environment = Environment.test(seed: 7, time: time)
    let embedded = try SQLiteEmbedded(path: "\(folder.path)/millrace.db", environment: environment)
    let policy = RetentionPolicy(finishedRuns: .seconds(60), deadLetters: .seconds(86_400))
    let done = Signal()
    var (live, dead): ([JobID], [JobID]) = ([], [])
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        while done.count == 0 { _ = try await embedded.store.prune(policy, limit: 3) }
      }
      for round in 1...Self.rounds {
        let (kept, broken) = try await Self.work(embedded, time, round: round)
        live += kept.map { [$0] } ?? []
        dead += broken.map { [$0] } ?? []
        time.advance(by: .seconds(30))
      }
      done.raise()
      try await group.waitForAll()
    }
    time.advance(by: .seconds(61))
    while try await !embedded.store.prune(policy, limit: 100).isEmpty {}
    let left = try await embedded.store.jobs(JobFilter(limit: 1000)).map(\.id)
    #expect(Set(left) == Set(live + dead))
    #expect(live.count == Self.rounds / 4)
    await embedded.database.close()
  }
}
