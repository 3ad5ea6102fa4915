import SQLiteDriver
import Testing
import WorkerKit
import WorkerKitTesting

/// A queue in a file on a clock of the test's own, and jobs with lanes of all kinds in it.
struct LaneFile {
  let notebook: Notebook
  let embedded: SQLiteEmbedded
  let time: ManualTime

  /// A job that is to be made.
  struct Wanted {
    var tenant: TenantID = "acme"
    var stage: StageName = "work"
    var flow: JobFlow?
  }

  /// Runs a test's body with a new file.
  static func open(_ body: (LaneFile) async throws -> Void) async throws {
    let time = ManualTime()
    try await Notebook.open { notebook async throws in
      let embedded = try SQLiteEmbedded(path: notebook.path, environment: .test(seed: 1, time: time))
      let result: Result<Void, any Error>
      do {
        result = .success(try await body(LaneFile(notebook: notebook, embedded: embedded, time: time)))
      } catch { result = .failure(error) }
      await embedded.database.close()
      try result.get()
    }
  }

  /// The same file, as another process has it open.
  func other(seed: UInt64 = 2) throws -> SQLiteEmbedded {
    try SQLiteEmbedded(path: notebook.path, environment: .test(seed: seed, time: time))
  }

  /// Makes jobs, each a run of its own; gives their ids in order.
  @discardableResult
  func arrive(_ wanted: [Wanted]) async throws -> [JobID] {
    time.advance(by: .milliseconds(1))
    var made: [JobID] = []
    for start in stride(from: 0, to: wanted.count, by: 500) {
      let part = wanted[start..<min(start + 500, wanted.count)]
      let pairs = part.map { one in
        let event = EventEnvelope(
          id: EventID(Environment.system.id()), type: "Checked", occurredAt: time.now, tenant: one.tenant, payload: [:])
        let run = RunID(Environment.system.id())
        var job = NewJob(
          id: JobID(run: run, stage: one.stage), stage: one.stage, worker: "checks.work", queue: .standard,
          input: .resolved(Array("{}".utf8)))
        job.ordering = one.flow.map { JobOrdering(flow: $0) }
        made.append(job.id)
        return (event, NewRun(id: run, pipeline: "checks", revision: "0", plan: RunPlan(jobs: [job])))
      }
      let runs = Dictionary(uniqueKeysWithValues: pairs.map { ($0.0.id, $0.1) })
      _ = try await embedded.store.record(pairs.map(\.0))
      let routed = try await embedded.store.route(limit: part.count) { event in runs[event.id].map { [$0] } ?? [] }
      #expect(routed.jobs == part.count)
    }
    return made
  }

  /// Makes jobs that are alike.
  @discardableResult
  func arrive(
    _ count: Int = 1, tenant: TenantID = "acme", stage: StageName = "work", _ flow: JobFlow? = nil
  ) async throws -> [JobID] {
    try await arrive([Wanted](repeating: Wanted(tenant: tenant, stage: stage, flow: flow), count: count))
  }

  func lease(_ limit: Int, wait: Duration = .zero) async throws -> [Lease] {
    try await embedded.queue.lease(
      LeaseRequest(queue: .standard, limit: limit, length: .seconds(15), host: "host", wait: wait))
  }

  /// Leases one job after the other; gives them in order.
  func leaseSingly(_ count: Int) async throws -> [JobID] {
    var jobs: [JobID] = []
    for _ in 0..<count { jobs += try await lease(1).map(\.authority.job) }
    return jobs
  }

  func settle(_ leases: [Lease]) async throws {
    let settlements = leases.map { lease in
      Settlement(
        authority: lease.authority, outcome: .succeeded(output: Array("{}".utf8), artifacts: []), host: "host",
        startedAt: nil)
    }
    let answers = try await embedded.store.settle(settlements) { _ in RunPlan(state: .succeeded) }.answers
    #expect(answers == leases.map { _ in .settled })
  }

  /// How many rows the tables of lanes and limits have, by table.
  func rows() async throws -> [String: Int64] {
    let counted = try await embedded.database.read { transaction in
      try transaction.rows(
        """
        SELECT 'fair keys', count(*) FROM fair_keys UNION ALL SELECT 'lanes', count(*) FROM lanes
        UNION ALL SELECT 'priorities', count(*) FROM priorities UNION ALL SELECT 'slots', count(*) FROM slots
        UNION ALL SELECT 'buckets', count(*) FROM buckets UNION ALL SELECT 'wakes', count(*) FROM wakes
        """)
    }
    var rows: [String: Int64] = [:]
    for row in counted {
      if case .text(let table) = row[0], case .integer(let count) = row[1], count > 0 { rows[table] = count }
    }
    return rows
  }

  /// How many rows the writer has changed since the file was opened.
  func changes() async throws -> Int64 {
    let rows = try await embedded.database.write { try $0.rows("SELECT total_changes()") }
    guard case .integer(let count)? = rows.first?.first else { return 0 }
    return count
  }
}

extension QueueControls {
  /// As many slots for each key of the limit `slots`.
  static func slots(_ count: Int, version: Int64 = 1) -> QueueControls {
    QueueControls(version: version, limits: ["slots": LimitRule(concurrency: count)])
  }

  /// A rate for each key of the limit `rate`.
  static func rate(_ rate: Rate, version: Int64 = 1) -> QueueControls {
    QueueControls(version: version, limits: ["rate": LimitRule(rate: rate)])
  }
}

extension JobFlow {
  /// Counted under one key.
  static func limited(_ limit: LimitName, _ key: String, by fairKey: String? = nil) -> JobFlow {
    JobFlow(fairKey: fairKey, limits: [LimitKey(limit, key)])
  }
}
