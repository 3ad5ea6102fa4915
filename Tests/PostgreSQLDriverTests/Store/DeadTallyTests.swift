import TestPostgres
import Testing
import WorkerKit

@testable import PostgreSQLDriver

@Suite("The count of dead letters in PostgreSQL", .timeLimit(.minutes(5)))
struct DeadTallyTests {
  @Test("It adds up while many end, are replayed and are pruned at once")
  func addsUp() async throws {
    try await StoreDesk.with { desk in
      let jobs = try await desk.start(60).map(\.job)
      let broken = Failure(.permanent, "broken", "It is broken.")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for part in 0..<6 {
          let batch = jobs.enumerated().filter { $0.offset % 6 == part }.map(\.element)
          let ends = batch.map { job in
            Settlement(
              authority: desk.success(job).authority, outcome: .failed(broken), host: "host", startedAt: nil)
          }
          group.addTask {
            _ = try await desk.store.settle(ends) { _ in RunPlan(state: .failed) }
            let replays = batch.prefix(4).map { ReplayRequest(job: $0, fence: .first, by: "ann", reason: "Mended.") }
            _ = try await desk.store.replay(replays) { _ in RunPlan(state: .running) }
          }
          group.addTask { _ = try await desk.store.prune(RetentionPolicy(), limit: 10) }
        }
        try await group.waitForAll()
      }
      #expect(try await desk.store.deadLetterCount() == 36)
      #expect(try await desk.database.psql("SELECT count(*) FROM millrace.dead") == "36")
      _ = try await desk.store.prune(RetentionPolicy(), limit: 10)
      #expect(try await desk.database.psql("SELECT string_agg(change::text, ' ') FROM millrace.dead_changes") == "36")
      #expect(try await desk.store.deadLetterCount() == 36)
    }
  }
}
