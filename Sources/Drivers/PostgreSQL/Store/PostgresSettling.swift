public import WorkerKit

extension PostgresStore {
  public func settle(
    _ settlements: [Settlement], plan: @escaping SettlePlanner
  ) async throws(DriverError) -> SettleResult {
    guard !settlements.isEmpty else { return SettleResult(answers: [], handoff: nil, emitted: 0) }
    let known = loaded.take(settlements.lazy.map(\.authority.job))
    let (result, last) = try await write { transaction, now in
      var settling = try PostgresSettling(transaction, settlements, known: known, at: now)
      let ends = try settling.plainEnds(plan: plan)
      try settling.settleRest(but: Set(ends.keys))
      try settling.write(ends)
      try settling.settleRest()
      try settling.work.advance(plan: plan)
      let handoff = try PostgresHandover.handOver(settling.work.entries, transaction, at: now)
      let answers = settling.answers.map { $0 ?? .stale }
      let result = SettleResult(
        answers: answers, handoff: handoff, emitted: settling.work.emitted, ended: try settling.work.endedJobs())
      return (result, settling.work.lastEvent)
    }
    await preparePartitions(for: last)
    return result
  }
}

/// Settles a batch within one transaction.
///
/// Most of a batch are jobs that are alone in their run and end with it: they are planned as they were read, here or
/// when they were loaded, and then moved to history in one statement, which takes only those that still stand so. All
/// others are locked first.
struct PostgresSettling {
  private let transaction: PostgresTransaction
  private let now: Timestamp
  private let settlements: [Settlement]
  /// The epoch once it is held: it stays what it is until the transaction ends.
  private var epoch: Epoch?
  /// The jobs as they were read, without a lock.
  private let seen: [JobID: StoredJob]
  /// One for each settlement; nil while it is open.
  private(set) var answers: [SettleAnswer?]
  /// What follows from what was settled.
  var work: PostgresRunWork

  init(
    _ transaction: PostgresTransaction, _ settlements: [Settlement], known: [JobID: StoredJob], at now: Timestamp
  ) throws(DriverError) {
    self.transaction = transaction
    self.now = now
    self.settlements = settlements
    let missing = Set(settlements.lazy.map(\.authority.job).filter { known[$0] == nil })
    let read = try PostgresJobs(transaction).live(Array(missing))
    seen = read.isEmpty ? known : known.merging(read) { known, _ in known }
    answers = Array(repeating: nil, count: settlements.count)
    work = PostgresRunWork(transaction, at: now)
  }

  /// What can be ended plainly, by its place in the batch: each job once, under the newest epoch that is claimed.
  func plainEnds(plan: SettlePlanner) throws -> [Int: PostgresEnds.End] {
    var (ends, taken): ([Int: PostgresEnds.End], Set<Int64>) = ([:], [])
    let claimed = settlements.lazy.map(\.authority.epoch).max() ?? .first
    for (place, settlement) in settlements.enumerated() {
      guard let end = try plainEnd(settlement, in: claimed, plan: plan), taken.insert(end.job.number).inserted else {
        continue
      }
      ends[place] = end
    }
    return ends
  }

  /// Writes plain ends. Jobs that have changed since they were read stay open, and all of them where the epoch that
  /// they claim is over.
  mutating func write(_ ends: [Int: PostgresEnds.End]) throws(DriverError) {
    guard let claimed = ends.values.first?.settlement.authority.epoch else { return }
    let (missed, current) = try PostgresEnds(Array(ends.values)).write(transaction, at: now, in: claimed)
    epoch = current
    for (place, end) in ends where !missed.contains(end.job.number) { answers[place] = .settled }
  }

  /// The end of a job of which nothing follows but that of its run; nil for any other.
  private func plainEnd(
    _ settlement: Settlement, in claimed: Epoch, plan: SettlePlanner
  ) throws -> PostgresEnds.End? {
    guard let job = seen[settlement.authority.job], job.isAlone, !job.ordering.orders,
      job.standing.admits(settlement.authority, in: claimed)
    else { return nil }
    let next = job.standing.settled(
      settlement.outcome, by: settlement.authority.holder, startedAt: settlement.startedAt, at: now)
    guard !next.state.isLive else { return nil }
    var end = PostgresEnds.End(job: job, next: next, settlement: settlement)
    var results = RunResults()
    results.add(end.result, of: job.kind.stage, element: job.element)
    let reader = PostgresEventReader(transaction: transaction, event: RowNumbers.event(of: job.run.number))
    let following = try plan(
      RunSnapshot(
        id: job.run.id, pipeline: job.run.pipeline, revision: job.run.revision, stages: results.stages,
        elements: results.elements, readingEvent: { () throws(DriverError) in try reader.read() }))
    guard following.onlyEnds else { return nil }
    end.runState = following.state
    return end
  }

  /// Settles what is left, with all locks held: retries, runs of several stages, what is ordered, what is refused.
  mutating func settleRest(but others: Set<Int> = []) throws(DriverError) {
    let open = answers.indices.filter { answers[$0] == nil && !others.contains($0) }
    guard !open.isEmpty else { return }
    let current = try holdEpoch()
    let ids = Array(Set(open.map { settlements[$0].authority.job }))
    let known = ids.compactMap { seen[$0] }
    try work.lock(keysOf: known, runs: known.filter { !$0.isAlone }.map(\.run.number))
    var jobs = try PostgresJobs(transaction).find(ids, locking: true)
    var rest = PostgresSettledRest()
    for place in open { answers[place] = try settle(settlements[place], in: current, &jobs, &rest) }
    try rest.write(transaction, at: now)
  }

  private mutating func holdEpoch() throws(DriverError) -> Epoch {
    if let epoch { return epoch }
    let current = PostgresEpoch.epoch(try transaction.pipeline(PostgresEpoch.holding)[1])
    epoch = current
    return current
  }

  private mutating func settle(
    _ settlement: Settlement, in epoch: Epoch, _ jobs: inout [JobID: StoredJob], _ rest: inout PostgresSettledRest
  ) throws(DriverError) -> SettleAnswer {
    let authority = settlement.authority
    guard let job = jobs[authority.job] else { return .stale }
    guard job.standing.admits(authority, in: epoch) else {
      return try rest.settled(authority) ? .settled : refusal(authority, job)
    }
    let next = job.standing.settled(
      settlement.outcome, by: authority.holder, startedAt: settlement.startedAt, at: now)
    jobs[authority.job]?.standing = next
    if next.state.isLive {
      rest.sendBack(job, next, settlement, at: now)
      if next.belongsInQueue { work.entries.append(job.entry(next, at: now)) }
    } else {
      rest.end(PostgresEnds.End(job: job, next: next, settlement: settlement))
      work.runs[job.run.number] = job.run
    }
    if job.ordering.orders { work.ordered.append(authority.job) }
    return .settled
  }

  /// The same answer as before to who settled this fence; otherwise why nothing is recorded.
  private func refusal(_ authority: Authority, _ job: StoredJob) throws(DriverError) -> SettleAnswer {
    if try PostgresAttempts(transaction).settled(authority, job) { return .settled }
    return job.standing.state.isLive ? .stale : .ended
  }
}

/// What settling writes of jobs that are not plain, gathered: ends, and jobs that live on.
struct PostgresSettledRest {
  private var ends: [PostgresEnds.End] = []
  private var back: [Int64: (job: StoredJob, next: JobStanding, settlement: Settlement)] = [:]
  private var records: [(job: Int64, record: AttemptRecord)] = []
  private var authorities: Set<Authority> = []

  /// True where this batch has settled it.
  func settled(_ authority: Authority) -> Bool { authorities.contains(authority) }

  mutating func end(_ end: PostgresEnds.End) {
    ends.append(end)
    authorities.insert(end.settlement.authority)
  }

  /// The job lives on, in the queue or waiting outside it; what ended its fence goes into the ledger.
  mutating func sendBack(_ job: StoredJob, _ next: JobStanding, _ settlement: Settlement, at now: Timestamp) {
    let record = AttemptRecord(
      job: job.id, fence: settlement.authority.fence, attempt: max(1, next.attempts),
      holder: settlement.authority.holder, host: settlement.host, startedAt: settlement.startedAt,
      finishedAt: now, outcome: settlement.outcome.word, failure: settlement.outcome.failure)
    records.append((job.number, record))
    back[job.number] = (job, next, settlement)
    authorities.insert(settlement.authority)
  }

  func write(_ transaction: PostgresTransaction, at now: Timestamp) throws(DriverError) {
    let standings = PostgresStandings(transaction)
    let sorted = back.values.sorted { $0.job.number < $1.job.number }
    try standings.update(sorted.map { ($0.job.number, $0.next) })
    for (job, _, settlement) in sorted {
      try standings.keep(settlement.outcome.failure, of: settlement.host, job: job.number)
    }
    try PostgresAttempts(transaction).insert(records)
    let lost = try PostgresEnds(ends).write(transaction, at: now)
    guard lost.isEmpty else {
      throw DriverError(.unavailable, "job_moved", "A job changed under its lock; try again.")
    }
  }
}
