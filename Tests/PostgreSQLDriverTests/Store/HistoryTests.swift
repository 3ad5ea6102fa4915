import TestPostgres
import Testing
import WorkerKit

@testable import PostgreSQLDriver

@Suite("What is asked of a long history", .timeLimit(.minutes(5)))
struct HistoryTests {
  private static let past = 100_000

  /// A store with jobs that have long ended, one run each; the oldest is another tenant's and pipeline's.
  private static func with(_ body: (StoreDesk) async throws -> Void) async throws {
    try await StoreDesk.with { desk in
      try await desk.database.psql(filling)
      try await desk.skip(to: Int64(past))
      try await body(desk)
    }
  }

  private static let filling = """
    SET search_path = millrace;
    INSERT INTO kinds VALUES (1, 'checks', 'r1', 'work', 'checks.work', 'default', 0), (2, 'old', 'r0', 'rare', 'a.b',
      'default', 0);
    INSERT INTO events SELECT n, 'e' || n, 'acme', 'here', 'Checked', 0, '\\x7b7d' FROM \(numbers) n;
    INSERT INTO runs SELECT n * \(RowNumbers.runsOfEvent), 'run' || n, CASE n WHEN 1 THEN 'rare' ELSE 'acme' END,
      CASE n WHEN 1 THEN 'old' ELSE 'checks' END, 'r1', 0, CASE n WHEN 1 THEN 'again' END FROM \(numbers) n;
    INSERT INTO jobs (number, id, run, tenant, kind, created_at, fence, due_at, finished_at, attempts, losses, state,
      run_state, named)
    SELECT n * \(PostgresPartitions.jobsOfEvent), 'run' || n || '-work', 'run' || n,
      CASE n WHEN 1 THEN 'rare' ELSE 'acme' END, CASE n WHEN 1 THEN 2 ELSE 1 END, 0, 1, 0, n, 1, 0,
      CASE n WHEN 1 THEN \(JobState.cancelled.stored) ELSE \(JobState.succeeded.stored) END,
      CASE n WHEN 1 THEN \(RunStanding.State.cancelled.number) ELSE \(RunStanding.State.succeeded.number) END, n = 1
    FROM \(numbers) n;
    INSERT INTO revisions VALUES ('r1', 'checks', ''), ('r0', 'old', '');
    ANALYZE;
    """
  private static let numbers = "generate_series(1, \(past)::bigint)"

  /// How many rows and entries of indexes were read, of all tables.
  private static let read = """
    SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE schemaname = 'millrace')
      + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE schemaname = 'millrace')
    """

  private static func rowsRead(_ desk: StoreDesk, _ body: () async throws -> Void) async throws -> Int {
    let before = try await desk.counted(read)
    try await body()
    return try await desk.counted(read) - before
  }

  @Test("A page of jobs looks at a bounded number of rows, however rare what is asked for, and says where to go on")
  func findsJobs() async throws {
    var early = JobFilter()
    early.endedBefore = Timestamp(milliseconds: 2)
    let filters = [
      early, JobFilter(tenant: "rare"), JobFilter(pipeline: "old"), JobFilter(stage: "rare"), JobFilter(worker: "a.b"),
      JobFilter(states: [.cancelled]), JobFilter(states: [.queued, .cancelled], tenant: "rare"),
      JobFilter(tenant: "rare", pipeline: "old", stage: "rare", worker: "a.b"),
    ]
    try await Self.with { desk in
      _ = try await desk.start(3)
      for filter in filters {
        let rows = try await Self.rowsRead(desk) {
          let page = try await desk.store.find(filter)
          #expect(page.jobs.isEmpty && page.next != nil, "\(filter)")
        }
        #expect(rows < 6 * PostgresJobPages.mostRows, "\(filter): \(rows)")
        #expect(try await desk.store.jobs(filter).map(\.id) == ["run1-work"], "\(filter)")
      }
    }
  }

  @Test("A page of runs looks at a bounded number of rows, however rare what is asked for, and says where to go on")
  func findsRuns() async throws {
    try await Self.with { desk in
      for filter in [RunFilter(tenant: "rare"), RunFilter(pipeline: "old"), RunFilter(state: .cancelled)] {
        let rows = try await Self.rowsRead(desk) {
          let page = try await desk.store.find(filter)
          #expect(page.runs.isEmpty && page.next != nil, "\(filter)")
        }
        #expect(rows < 6 * PostgresRunPages.mostRows, "\(filter): \(rows)")
        #expect(try await desk.store.runs(filter).map(\.id) == ["run1"], "\(filter)")
      }
    }
  }

  @Test("What has an index, or a small table of its own, is found at once, and so is the newest page")
  func findsAtOnce() async throws {
    try await Self.with { desk in
      let entry = try await desk.start(1)[0]
      let broken = Failure(.permanent, "broken", "It is broken.")
      let dead = Settlement(
        authority: desk.success(entry.job).authority, outcome: .failed(broken), host: "host", startedAt: nil)
      _ = try await desk.store.settle([dead]) { _ in RunPlan(state: .failed) }
      let waiting = try await desk.start(1)[0].job
      let asked: [(String, () async throws -> Bool)] = [
        ("live", { try await desk.store.find(JobFilter(states: [.queued])) == desk.store.only(waiting) }),
        ("dead", { try await desk.store.find(JobFilter(states: [.failed, .timedOut])) == desk.store.only(entry.job) }),
        ("replay", { try await desk.store.find(RunFilter(replay: "again")).runs.map(\.id) == ["run1"] }),
        ("newest jobs", { try await desk.store.find(JobFilter(limit: 10)).jobs.count == 10 }),
        ("newest runs", { try await desk.store.find(RunFilter(limit: 10)).runs.count == 10 }),
        ("dead letters", { try await desk.store.deadLetterCount() == 1 }),
        ("events that wait", { try await desk.store.unroutedCount() == 0 }),
        ("one job", { try await desk.store.job("run1-work") != nil }),
        ("one run", { try await desk.store.run("run1") != nil }),
        ("its jobs", { try await desk.store.jobs(of: "run77").count == 1 }),
        ("its attempts", { try await desk.store.attempts(of: waiting).isEmpty }),
        ("the epoch", { try await desk.store.isFilled() }),
        ("handoffs", { try await desk.store.due(limit: 10).isEmpty }),
      ]
      for (name, ask) in asked {
        let rows = try await Self.rowsRead(desk) { () async throws in #expect(try await ask(), "\(name)") }
        #expect(rows < 1000, "\(name): \(rows)")
      }
    }
  }

  @Test("Pruning asks an index whether a revision has runs")
  func prunesRevisions() async throws {
    try await Self.with { desk in
      let rows = try await Self.rowsRead(desk) { () async throws in
        #expect(try await desk.store.prune(RetentionPolicy(), limit: 100).revisions == 1)
      }
      #expect(rows < 1000, "\(rows)")
      #expect(try await desk.store.revisions(["r0", "r1"]).map(\.hash) == ["r1"])
    }
  }
}

extension PostgresStore {
  fileprivate func only(_ job: JobID) async throws -> FoundJobs {
    FoundJobs(jobs: [try #require(try await self.job(job))], next: nil)
  }
}
