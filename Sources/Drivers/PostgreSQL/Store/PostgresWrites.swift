import WorkerKit

/// What plans ask for, gathered over many runs and written in one round trip.
struct PostgresWrites {
  typealias RunRow = (run: StoredRun, replay: ReplayID?)
  typealias JobRow = (
    number: Int64, job: NewJob, run: StoredRun, kind: Int64, named: Bool, alone: Bool, context: [UInt8]?
  )

  private var runs: [RunRow] = []
  private var jobs: [JobRow] = []
  private var standings: [(run: Int64, plan: RunPlan)] = []
  private var events: [(envelope: EventEnvelope, bytes: [UInt8])] = []
  private var kinds = PostgresKinds()
  /// True while every job is one of a run that is written with it, under an id made of the run's: nobody else has it.
  private var isFresh = true

  var isEmpty: Bool { runs.isEmpty && jobs.isEmpty && standings.isEmpty && events.isEmpty }

  mutating func create(_ run: StoredRun, replay: ReplayID?) { runs.append((run, replay)) }

  /// Keeps how a run stands.
  mutating func keep(_ plan: RunPlan, of run: Int64) { standings.append((run, plan)) }

  mutating func emit(_ emitted: [EventEnvelope]) { events += emitted.map { ($0, $0.bytes) } }

  /// Creates the jobs of a plan, all but those whose stage or element has one already: the second wall against a lost
  /// join. `ordinal` is the first that no job of the run has. The only job of a run of which there is nothing else to
  /// say is alone, and the run stands as it does.
  mutating func create(
    _ plan: RunPlan, in run: StoredRun, after results: RunResults, ordinal first: Int64, context: [UInt8]?
  ) throws(DriverError) {
    let new = plan.jobs
    var (taken, ordinal) = (RunResults(), first)
    let alone = first == 0 && new.count == 1 && !plan.hasStanding
    for job in new where !results.has(job.stage, element: job.index) && !taken.has(job.stage, element: job.index) {
      if new.count > 1 { taken.add(StageResult(state: .queued, output: nil), of: job.stage, element: job.index) }
      let number = try RowNumbers.job(ordinal, of: run.number)
      let kind = kinds.id(of: PostgresKind(job, pipeline: run.pipeline, revision: run.revision))
      let named = ordinal >= RowNumbers.jobsBesideRun || !job.isDerived(from: run.id)
      isFresh = isFresh && !named && first == 0 && runs.last?.run.number == run.number
      jobs.append((number, job, run, kind, named, alone, context))
      ordinal += 1
    }
  }

  /// What was written.
  struct Written {
    var jobs: [(number: Int64, job: NewJob, run: StoredRun)] = []
    /// How many emitted events are new, and the number of the last of them.
    var emitted = 0
    var lastEvent = Int64(0)
    /// The rows of what was written beside it.
    var others: [PostgresRows] = []
  }

  /// Writes all, and `others` before it.
  func write(
    _ transaction: PostgresTransaction, at now: Timestamp, beside others: [PostgresCall] = []
  ) throws(DriverError) -> Written {
    var calls = others
    if !events.isEmpty { calls.append(PostgresEvents.begin) }
    if !kinds.isEmpty { calls.append(kinds.insertion) }
    if !runs.isEmpty { calls.append(Self.insertion(of: runs, at: now)) }
    if !standings.isEmpty { calls.append(standingUpdate(at: now)) }
    let (jobCall, eventCall) = (calls.count, calls.count + (jobs.isEmpty ? 0 : 1))
    if !jobs.isEmpty { calls.append(Self.insertion(of: jobs, isFresh: isFresh, at: now)) }
    if !events.isEmpty { calls.append(PostgresEvents.insertion(events, at: now)) }
    let results = try transaction.pipeline(calls)
    var written = Written()
    written.others = Array(results.prefix(others.count))
    if !jobs.isEmpty { written.jobs = created(results[jobCall]) }
    if !events.isEmpty {
      written.emitted = results[eventCall].count
      for row in 0..<written.emitted { written.lastEvent = max(written.lastEvent, results[eventCall].integer(row, 1)) }
    }
    return written
  }

  /// The jobs that were new: another job may have had the id of one.
  private func created(_ rows: PostgresRows) -> [(number: Int64, job: NewJob, run: StoredRun)] {
    guard rows.changes < jobs.count else { return jobs.map { ($0.number, $0.job, $0.run) } }
    var numbers: Set<Int64> = []
    for row in 0..<rows.count { numbers.insert(rows.integer(row, 0)) }
    return jobs.filter { numbers.contains($0.number) }.map { ($0.number, $0.job, $0.run) }
  }

  static func insertion(of runs: [RunRow], at now: Timestamp) -> PostgresCall {
    var columns = PostgresColumns([
      ("number", .integers(runs.map(\.run.number))), ("id", .texts(runs.map(\.run.id.rawValue))),
      ("tenant", .texts(runs.map(\.run.tenant.rawValue))), ("pipeline", .texts(runs.map(\.run.pipeline.rawValue))),
      ("revision", .texts(runs.map(\.run.revision.rawValue))), ("replay", .texts(runs.map { $0.replay?.rawValue })),
    ])
    let moment = columns.add(.moment(now), as: "bigint")
    return (
      """
      INSERT INTO runs (\(columns.names.joined(separator: ", ")), created_at)
      SELECT \(columns.list), \(moment) FROM \(columns.source())
      """, columns.parameters
    )
  }

  private func standingUpdate(at now: Timestamp) -> PostgresCall {
    (
      """
      INSERT INTO run_standings AS s (run, state, idle, problems, finished_at)
      SELECT u.*, $5::bigint FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[])
        AS u(run, state, idle, problems)
      ON CONFLICT (run) DO UPDATE
        SET state = excluded.state, idle = excluded.idle, problems = excluded.problems,
          finished_at = excluded.finished_at
        WHERE s.state <> excluded.state OR s.idle IS DISTINCT FROM excluded.idle
          OR s.problems IS DISTINCT FROM excluded.problems
      """,
      [
        .integers(standings.map(\.run)), .integers(standings.map(\.plan.state.number)),
        .byteRows(standings.map { $0.plan.idleJSON?.bytes() }),
        .byteRows(standings.map { $0.plan.problemsJSON?.bytes() }), .moment(now),
      ]
    )
  }

  static func insertion(of jobs: [JobRow], isFresh: Bool = false, at now: Timestamp) -> PostgresCall {
    var columns = PostgresColumns([
      ("number", .integers(jobs.map(\.number))), ("id", .texts(jobs.map(\.job.id.rawValue))),
      ("run", .texts(jobs.map(\.run.id.rawValue))), ("tenant", .texts(jobs.map(\.run.tenant.rawValue))),
      ("kind", .integers(jobs.map(\.kind))), ("element", .integers(jobs.map { $0.job.index.map(Int64.init) })),
      ("named", .booleans(jobs.map(\.named))), ("alone", .booleans(jobs.map(\.alone))),
      ("ordering", .byteRows(jobs.map { $0.job.ordering?.json.bytes() })),
      ("unresolved", .byteRows(jobs.map { $0.job.input.reference })), ("context", .byteRows(jobs.map(\.context))),
      ("input", .byteRows(jobs.map { $0.job.input.bytes })),
    ])
    let new = JobStanding(createdAt: now)
    let moment = columns.add(.moment(now), as: "bigint")
    let fence = columns.add(.integer(new.fence.rawValue), as: "bigint")
    let state = columns.add(.integer(new.state.stored), as: "bigint")
    return (
      """
      INSERT INTO live (\(columns.names.joined(separator: ", ")), created_at, due_at, fence, state, attempts, losses)
      SELECT \(columns.list), \(moment), \(moment), \(fence), \(state), 0, 0 FROM \(columns.source())
      \(isFresh ? "" : "ON CONFLICT DO NOTHING RETURNING number")
      """, columns.parameters
    )
  }
}

extension JobInput {
  fileprivate var bytes: [UInt8]? { if case .resolved(let bytes) = self { bytes } else { nil } }
  fileprivate var reference: [UInt8]? { if case .unresolved(let text) = self { Array(text.utf8) } else { nil } }
}

extension RunPlan {
  /// True where there is more to keep of the run than that it runs.
  var hasStanding: Bool { state != .running || !idle.isEmpty || !problems.isEmpty }
}

extension NewJob {
  /// The entry that tells the queue of it.
  func entry(_ number: Int64, of run: StoredRun) -> StoredEntry {
    let lane = Lane(tenant: run.tenant, pipeline: run.pipeline, stage: stage, flow: ordering?.flow)
    return StoredEntry(
      number: number,
      entry: QueueEntry(job: id, fence: .first, queue: queue, priority: priority, lease: lease, lane: lane))
  }
}

extension PostgresWrites {
  /// Creates a run of an event with what its first plan asks for; its turns are another matter.
  mutating func create(
    _ new: NewRun, as run: StoredRun, for event: EventEnvelope, replay: ReplayID? = nil
  ) throws(DriverError) {
    create(run, replay: replay)
    if new.plan.hasStanding { keep(new.plan, of: run.number) }
    emit(new.plan.emits)
    try create(new.plan, in: run, after: RunResults(), ordinal: 0, context: event.storedContext)
  }
}
