import WorkerKit

/// What plans ask for, gathered over many runs and written in one round trip.
struct PostgresWrites {
  private var runs: [(run: StoredRun, replay: ReplayID?)] = []
  private var jobs:
    [(number: Int64, job: NewJob, run: StoredRun, kind: Int64, named: Bool, alone: Bool, context: [UInt8]?)] = []
  private var standings: [(run: Int64, plan: RunPlan)] = []
  private var events: [(envelope: EventEnvelope, bytes: [UInt8])] = []
  private var kinds = PostgresKinds()

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
    if !runs.isEmpty { calls.append(runInsertion(at: now)) }
    if !standings.isEmpty { calls.append(standingUpdate(at: now)) }
    let (jobCall, eventCall) = (calls.count, calls.count + (jobs.isEmpty ? 0 : 1))
    if !jobs.isEmpty { calls.append(jobInsertion(at: now)) }
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

  private func runInsertion(at now: Timestamp) -> PostgresCall {
    (
      Self.runInsertion,
      [
        .integers(runs.map(\.run.number)), .texts(runs.map(\.run.id.rawValue)),
        .texts(runs.map(\.run.tenant.rawValue)), .texts(runs.map(\.run.pipeline.rawValue)),
        .texts(runs.map(\.run.revision.rawValue)), .texts(runs.map { $0.replay?.rawValue }), .moment(now),
      ]
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

  private func jobInsertion(at now: Timestamp) -> PostgresCall {
    let new = JobStanding(createdAt: now)
    return (
      Self.insertion,
      [
        .integers(jobs.map(\.number)), .texts(jobs.map(\.job.id.rawValue)), .texts(jobs.map(\.run.id.rawValue)),
        .texts(jobs.map(\.run.tenant.rawValue)), .integers(jobs.map(\.kind)),
        .integers(jobs.map { $0.job.index.map(Int64.init) }), .booleans(jobs.map(\.named)),
        .booleans(jobs.map(\.alone)), .byteRows(jobs.map { $0.job.ordering?.json.bytes() }),
        .byteRows(jobs.map { $0.job.input.reference }), .byteRows(jobs.map(\.context)),
        .byteRows(jobs.map { $0.job.input.bytes }), .moment(now), .integer(new.fence.rawValue),
        .integer(new.state.stored),
      ]
    )
  }

  static let runInsertion = """
    INSERT INTO runs (number, id, tenant, pipeline, revision, replay, created_at)
    SELECT u.*, $7::bigint FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) AS u
    """

  static let insertion = """
    INSERT INTO live (number, id, run, tenant, kind, element, named, alone, ordering, unresolved, context, input,
      created_at, due_at, fence, state, attempts, losses)
    SELECT u.*, $13::bigint, $13::bigint, $14::bigint, $15::bigint, 0, 0
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::boolean[],
      $8::boolean[], $9::bytea[], $10::bytea[], $11::bytea[], $12::bytea[]) AS u
    ON CONFLICT DO NOTHING RETURNING number
    """
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
  func entry(_ number: Int64) -> StoredEntry {
    StoredEntry(
      number: number,
      entry: QueueEntry(job: id, fence: .first, queue: queue, priority: priority, lease: lease))
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
