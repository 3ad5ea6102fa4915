import TestPostgres
import Testing
import WorkerKit
import WorkerKitTesting

@testable import PostgreSQLDriver

@Suite("How PostgreSQL carries out the store's hot statements", .timeLimit(.minutes(5)))
struct PlanTests {
  private static let moment = Timestamp(milliseconds: 0)
  private static let hot = [
    "record": PostgresEvents.insertion([], at: moment).text, "waiting": PostgresRouting.marked,
    "aside": PostgresRouting.kept, "unmark": PostgresRouting.unmark,
    "runs": PostgresWrites.insertion(of: [PostgresWrites.RunRow](), at: moment).text,
    "jobs": PostgresWrites.insertion(of: [PostgresWrites.JobRow](), at: moment).text,
    "handoff": PostgresHandover.insertion,
    "load": PostgresStore.whole, "settle": PostgresJobs.live, "settle, locked": PostgresJobs.liveLocked,
    "ends": PostgresEnds.move([], at: moment, in: .first).text, "lock of runs": PostgresRuns.locking,
    "jobs of runs": PostgresRuns.results,
  ]

  @Test("Each goes by an index, whatever the statistics say", arguments: PlanReader.statistics)
  func goesByIndex(rows: Int?) async throws {
    try await StoreDesk.with { desk in
      try await PlanReader(database: desk.database, pool: desk.pool).expectIndexes(Self.hot, rows: rows)
    }
  }

  @Test("A batch reads no more rows of live jobs than it has, among thousands")
  func readsFew() async throws {
    try await StoreDesk.with { desk in
      var jobs: [JobID] = []
      for _ in 0..<6 { jobs += try await desk.start(500).map(\.job) }
      let before = try await desk.counted(Self.readRows)
      let batch = jobs.shuffled().prefix(100).map { desk.success($0) }
      let result = try await desk.store.settle(Array(batch), plan: StoreDesk.ending)
      #expect(result.answers.allSatisfy { $0 == .settled })
      // Once to plan, and once to move.
      #expect(try await desk.counted(Self.readRows) - before <= 2 * 100)
    }
  }

  @Test("What was loaded is read once more, to be moved; what has changed since, as it stands")
  func readsLoadedOnce() async throws {
    try await StoreDesk.with { desk in
      let jobs = try await desk.start(100).map(\.job)
      let leases = jobs.map { job in
        Lease(authority: desk.success(job).authority, queue: .standard, length: .seconds(15))
      }
      let answers = try await desk.store.load(leases)
      #expect(answers.allSatisfy { if case .job = $0 { true } else { false } })
      let begun = leases.prefix(10).map { BegunAttempt(authority: $0.authority, startedAt: desk.time.now) }
      #expect(try await desk.store.begin(begun).allSatisfy { $0 == .kept })
      let before = try await desk.counted(Self.readRows)
      let result = try await desk.store.settle(jobs.map { desk.success($0) }, plan: StoreDesk.ending)
      #expect(result.answers.allSatisfy { $0 == .settled })
      #expect(try await desk.counted(Self.readRows) - before <= 100 + 10)
    }
  }

  @Test("What was loaded and then given to another, or in another epoch, is not settled by who had it")
  func seesWhatHasChanged() async throws {
    try await StoreDesk.with { desk in
      let jobs = try await desk.start(2).map(\.job)
      func load() async throws {
        let leases = jobs.map { Lease(authority: desk.success($0).authority, queue: .standard, length: .seconds(15)) }
        _ = try await desk.store.load(leases)
      }
      try await load()
      let other = PostgresStore(pool: desk.pool, environment: desk.environment)
      _ = try await other.reissue([FencedJob(job: jobs[0], fence: .first)], because: .lost)
      let moved = try await desk.store.settle([desk.success(jobs[0])], plan: StoreDesk.ending)
      #expect(moved.answers == [.stale])
      try await load()
      _ = try await other.advanceEpoch()
      let over = try await desk.store.settle([desk.success(jobs[1])], plan: StoreDesk.ending)
      #expect(over.answers == [.stale])
    }
  }

  /// How many rows of live jobs were read, by whatever way.
  private static let readRows = """
    SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = 'live'
    """
}
