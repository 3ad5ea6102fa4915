import TestPostgres
import WorkerKit
import WorkerKitTesting

@testable import PostgreSQLDriver

/// A store with a database of its own, and what its tests do with it.
struct StoreDesk: Sendable {
  let database: PostgresDatabase
  let pool: PostgresPool
  let store: PostgresStore
  let time: ManualTime
  let environment: Environment

  /// Runs `body` with a store.
  static func with(_ body: (StoreDesk) async throws -> Void) async throws {
    try await PostgresServer.withDatabase(from: .migrated) { database in
      try await PostgresPool.with(database.url) { pool in
        let time = ManualTime()
        let environment = Environment.test(seed: 1, time: time)
        let store = PostgresStore(pool: pool, environment: environment)
        try await body(
          StoreDesk(database: database, pool: pool, store: store, time: time, environment: environment))
      }
    }
  }

  /// Has the next event's number be one more than this, as if there had been so many.
  func skip(to event: Int64) async throws {
    try await pool.write { _ = try $0.rows("SELECT setval('event_sequence', $1)", [.integer(event)]) }
  }

  /// Makes up events.
  func events(_ count: Int) -> [EventEnvelope] {
    (0..<count).map { _ in
      EventEnvelope(
        id: EventID(environment.id()), type: "Checked", occurredAt: time.now, tenant: "acme", payload: ["size": 1])
    }
  }

  /// Plans a run for each event, with a job for each stage.
  func starting(_ stages: [StageName] = ["work"]) -> RoutePlanner {
    { [environment] _ in
      let run = RunID(environment.id())
      let jobs = stages.map { stage in
        NewJob(
          id: JobID(run: run, stage: stage), stage: stage, worker: "checks.work", queue: .standard,
          input: .resolved(Array("{}".utf8)))
      }
      return [NewRun(id: run, pipeline: "checks", revision: "r1", plan: RunPlan(jobs: jobs))]
    }
  }

  /// Ends a run with its last job.
  static let ending: SettlePlanner = { run in
    RunPlan(state: run.stages.values.contains { $0.state.isLive } ? .running : .succeeded)
  }

  /// Records and routes runs; gives what is to be pushed of them.
  func start(_ count: Int, stages: [StageName] = ["work"]) async throws -> [QueueEntry] {
    _ = try await store.record(events(count))
    return try await store.route(limit: count, plan: starting(stages), next: Self.ending).handoff?.entries ?? []
  }

  /// One of the server's counts, with all that this store's connection has added to it.
  func counted(_ query: String) async throws -> Int {
    try await pool.write { _ = try $0.run("SELECT pg_stat_force_next_flush()") }
    return try await pool.read { Int(try $0.rows(query).integer(0, 0)) }
  }

  /// The settlement of a success under a job's first fence.
  func success(_ job: JobID, epoch: Epoch = .first) -> Settlement {
    Settlement(
      authority: Authority(job: job, epoch: epoch, fence: .first, holder: "holder"),
      outcome: .succeeded(output: Array("{}".utf8), artifacts: []), host: "host", startedAt: time.now)
  }
}
