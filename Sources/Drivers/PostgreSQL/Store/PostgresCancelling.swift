public import WorkerKit

extension PostgresStore {
  public func cancel(
    _ requests: [CancelRequest], next: @escaping SettlePlanner
  ) async throws(DriverError) -> CancelResult {
    guard !requests.isEmpty else { return CancelResult(answers: [], jobs: [], handoff: nil, ended: []) }
    let (result, last) = try await write { transaction, now in
      var cancelling = PostgresCancelling(transaction, at: now)
      try cancelling.lock(requests)
      let answers = try requests.map { try cancelling.cancel($0) }
      try cancelling.work.advance(plan: next)
      let handoff = try PostgresHandover.handOver(cancelling.work.entries, transaction, at: now)
      let result = CancelResult(
        answers: answers, jobs: cancelling.cancelled, handoff: handoff, ended: try cancelling.work.endedJobs())
      return (result, cancelling.work.lastEvent)
    }
    await preparePartitions(for: last)
    return result
  }
}

/// Ends jobs and runs within one transaction.
private struct PostgresCancelling {
  let transaction: PostgresTransaction
  let now: Timestamp
  var work: PostgresRunWork
  var cancelled: [FencedJob] = []

  init(_ transaction: PostgresTransaction, at now: Timestamp) {
    self.transaction = transaction
    self.now = now
    work = PostgresRunWork(transaction, at: now)
  }

  /// Locks everything that the requests name: keys, runs, jobs.
  mutating func lock(_ requests: [CancelRequest]) throws(DriverError) {
    let jobs = requests.compactMap { if case .job(let job) = $0.target { job } else { nil } }
    let runs = requests.compactMap { if case .run(let run) = $0.target { run } else { nil } }
    let numbers = try PostgresRuns(transaction).find(runs).values.map(\.number)
    var named = Array(try PostgresJobs(transaction).live(jobs).values)
    for run in numbers { named += try live(of: run) }
    try work.lock(keysOf: named, runs: named.map(\.run.number) + numbers)
    _ = try PostgresJobs(transaction).live(named.map(\.id), locking: true)
  }

  mutating func cancel(_ request: CancelRequest) throws(DriverError) -> CancelAnswer {
    switch request.target {
    case .job(let id):
      guard let job = try PostgresJobs(transaction).find(id, locking: true) else { return .missing }
      guard job.standing.state.isLive else { return .ended }
      try cancel(job, request)
    case .run(let id):
      guard let run = try PostgresRuns(transaction).find([id])[id] else { return .missing }
      let live = try live(of: run.number, locking: true)
      guard try PostgresRunRows.state(of: run.number, transaction) == .running else { return .ended }
      try cancel(run, live, request)
    }
    return .cancelled
  }

  private mutating func cancel(
    _ run: StoredRun, _ live: [StoredJob], _ request: CancelRequest
  ) throws(DriverError) {
    try PostgresRuns(transaction).set(.cancelled, of: run.number, at: now)
    for job in live { try cancel(job, request) }
    // One of its jobs may have been cancelled before it.
    work.runs[run.number] = nil
    // The turns of stages to come, which will have no job.
    work.freed += try work.rows.lines(of: run.id).map { ($0, run.id) }
  }

  private mutating func cancel(_ job: StoredJob, _ request: CancelRequest) throws(DriverError) {
    cancelled.append(FencedJob(job: job.id, fence: job.standing.fence))
    try PostgresStandings(transaction).end(
      job.number, as: job.standing.cancelled(because: CancelRequest.word, at: now))
    try transaction.run(
      "INSERT INTO audit (at, who, action, job, fence, reason) VALUES ($1, $2, 'cancel', $3, $4, $5)",
      [
        .moment(now), .text(request.by), .text(job.id.rawValue), .integer(job.standing.fence.rawValue),
        .text(request.reason),
      ])
    work.ended.append(job.id)
    work.runs[job.run.number] = job.run
    if job.ordering.orders { work.ordered.append(job.id) }
  }

  private func live(of run: Int64, locking: Bool = false) throws(DriverError) -> [StoredJob] {
    let first = RowNumbers.firstJob(of: run)
    return try transaction.rows(
      locking ? Self.liveLocked : Self.live, [.integer(first), .integer(first + RowNumbers.jobsOfRun)]
    ).map { row throws(DriverError) in try StoredJob(row) }
  }

  private static let live = """
    SELECT \(StoredJob.liveColumns) FROM \(PostgresJobRows.live) WHERE j.number >= $1 AND j.number < $2
    ORDER BY j.number
    """
  private static let liveLocked = "\(live) FOR UPDATE OF j"
}
