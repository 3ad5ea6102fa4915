import WorkerKit

/// What a transaction has still to see to: runs to plan again, jobs whose ordering has to hear of their new standing.
struct PostgresRunWork {
  let transaction: PostgresTransaction
  let now: Timestamp
  private let locks = PostgresKeyLocks()
  private var locked: Set<Int64> = []
  /// Runs in which a job has ended, by number.
  var runs: [Int64: StoredRun] = [:]
  /// Jobs with an ordering that ended or went back to their queue.
  var ordered: [JobID] = []
  /// Turns that runs need no more.
  var freed: [(line: OrderingKey, run: RunID)] = []
  /// What is to be pushed.
  var entries: [StoredEntry] = []
  /// Jobs that ended without a host's doing.
  var ended: [JobID] = []
  /// How many emitted events are new.
  private(set) var emitted = 0
  /// The number of the last of them.
  private(set) var lastEvent = Int64(0)

  init(_ transaction: PostgresTransaction, at now: Timestamp) {
    self.transaction = transaction
    self.now = now
  }

  /// Locks, in one order for all, what the jobs are about to change: the keys of what orders them, their runs.
  mutating func lock(keysOf jobs: some Sequence<StoredJob>, runs: [Int64]) throws(DriverError) {
    try locks.hold(jobs.compactMap { OrderedJob($0) }.flatMap(PostgresKeyLocks.places), transaction)
    let missing = Set(runs).subtracting(locked).sorted()
    guard !missing.isEmpty else { return }
    try PostgresRuns(transaction).lock(missing)
    locked.formUnion(missing)
  }

  /// Plans round after round until nothing has ended any more; runs in order, so that the same work comes to the same.
  mutating func advance(plan: SettlePlanner) throws {
    try tellOrdering()
    while !runs.isEmpty {
      let round = runs.values.sorted { $0.number < $1.number }
      runs = [:]
      try advance(round, plan: plan)
    }
  }

  private mutating func advance(_ ended: [StoredRun], plan: SettlePlanner) throws {
    let numbers = ended.map(\.number)
    try lock(keysOf: [], runs: numbers)
    let table = PostgresRuns(transaction)
    let states = try table.states(of: numbers)
    let jobs = try table.jobs(of: numbers)
    var (writes, turns) = (PostgresWrites(), [(line: OrderingKey, run: RunID)]())
    // Nothing follows any more in a run that a person ended.
    for run in ended where states[run.number] != .cancelled {
      let known = jobs[run.number] ?? PostgresRunJobs()
      let reader = PostgresEventReader(transaction: transaction, event: RowNumbers.event(of: run.number))
      let next = try plan(
        RunSnapshot(
          id: run.id, pipeline: run.pipeline, revision: run.revision, stages: known.results.stages,
          elements: known.results.elements, readingEvent: { () throws(DriverError) in try reader.read() }))
      if next.hasStanding || states[run.number] != nil { writes.keep(next, of: run.number) }
      writes.emit(next.emits)
      try writes.create(next, in: run, after: known.results, ordinal: known.next, context: known.context)
      turns += next.freed.map { (run.line($0), run.id) }
    }
    try take(writes.write(transaction, at: now), freeing: turns)
  }

  /// Takes what plans came to: new jobs, freed turns, emitted events.
  mutating func take(
    _ written: PostgresWrites.Written, freeing turns: [(line: OrderingKey, run: RunID)]
  ) throws(DriverError) {
    emitted += written.emitted
    lastEvent = max(lastEvent, written.lastEvent)
    var ordered: [(number: Int64, id: JobID, tenant: TenantID, ordering: JobOrdering)] = []
    for (number, job, run) in written.jobs {
      if let ordering = job.ordering, ordering.orders {
        ordered.append((number, job.id, run.tenant, ordering))
      } else {
        entries.append(job.entry(number, of: run))
      }
    }
    guard !ordered.isEmpty || !turns.isEmpty else { return }
    let (created, work) = (ordered, self)
    for job in created {
      guard let key = job.ordering.execution else { continue }
      try work.rows.share(ExecutionKey(tenant: job.tenant, key: key), by: job.number)
    }
    try order { ordering throws(DriverError) in
      for job in created { try ordering.created(job.id) }
      for turn in turns { try ordering.freed(turn.line, run: turn.run) }
    }
  }

  /// The rows of ordering, which lock what they read.
  var rows: PostgresOrderingRows { PostgresOrderingRows(transaction: transaction, now: now, locks: locks) }

  /// Lets the rules of ordering work, and takes what they ask for.
  mutating func order(
    _ body: (inout Ordering<PostgresOrderingRows>) throws(DriverError) -> Void
  ) throws(DriverError) {
    var ordering = Ordering(rows)
    try body(&ordering)
    let jobs = PostgresJobs(transaction)
    if !ordering.withdrawn.isEmpty {
      ended += ordering.withdrawn
      let numbers = Set(try jobs.find(ordering.withdrawn).values.map(\.number))
      entries.removeAll { numbers.contains($0.number) }
    }
    let released = try jobs.live(ordering.released)
    for id in ordering.released {
      guard let job = released[id], job.standing.state == .queued else { continue }
      entries.removeAll { $0.number == job.number }
      entries.append(job.entry(job.standing, at: now))
    }
    for run in try PostgresRuns(transaction).find(Array(ordering.takeEndedRuns())).values { runs[run.number] = run }
  }

  /// The jobs that ended without a host's doing, as they stand.
  func endedJobs() throws(DriverError) -> [Job] {
    let jobs = PostgresJobs(transaction)
    var found: [Job] = []
    for id in ended { if let job = try jobs.job(id) { found.append(job) } }
    return found
  }

  private mutating func tellOrdering() throws(DriverError) {
    guard !ordered.isEmpty || !freed.isEmpty else { return }
    let (changed, turns) = (ordered, freed)
    (ordered, freed) = ([], [])
    try order { ordering throws(DriverError) in try ordering.tell(of: changed, freed: turns) }
  }
}
