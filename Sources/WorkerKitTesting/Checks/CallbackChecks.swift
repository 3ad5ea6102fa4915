internal import WorkerKit

extension SeamCheck {
  /// Jobs that wait for an answer from outside, until a time.
  static let callbacks = [awaits, isAnswered, isMissed, losesPushes, losesTheQueue, losesTheLease]

  private static let awaits = SeamCheck("an attempt that waits for a callback spends nothing") { bench in
    let (job, lease) = try await bench.startAwaiting()
    let standing = try await bench.standing(of: job)
    try expect(standing.state, is: .pending, "The job is pending.")
    try expect(standing.waitingFor, is: JobStanding.callbackWord, "It says what it waits for.")
    try expect(standing.fence, is: .first.raised, "It has a new fence.")
    try expect(standing.attempts, is: 0, "No attempt is spent.")
    try expect(standing.dueAt, is: bench.time.now + SeamBench.patience, "It is due when the answer is late.")
    try expect(try await bench.lease(9), is: [], "Nobody leases it before.")
    let none = try await bench.store.announce(SeamBench.host, workers: ["checks.work"])
    try expect(none, is: nil, "It is not parked for want of a worker.")
    try expect(try await bench.settleOnly(lease), is: .settled, "Its holder has the same answer again.")
    try expect(try await bench.standing(of: job).awaitsCallback, is: true, "It waits on.")
    try expect(try await bench.store.attempts(of: job).map(\.outcome), is: ["awaiting"], "Its history says so.")
  }

  private static let isAnswered = SeamCheck("the answer settles the job under the fence that waits, once") { bench in
    let (job, _) = try await bench.startAwaiting()
    let first = try await bench.answer(to: job)
    let second = try await bench.answer(to: job)
    try expect(try await bench.settleOnly(first), is: .settled, "The first is recorded.")
    try expect(try await bench.settleOnly(second), is: .ended, "The second finds it ended.")
    let standing = try await bench.standing(of: job)
    try expect(standing.state, is: .succeeded, "The job has succeeded.")
    try expect(standing.attempts, is: 1, "Now its attempt is spent.")
    bench.time.advance(by: SeamBench.patience)
    for lease in try await bench.lease(9) {
      try expect(try await bench.load(lease) == nil, is: true, "What is left in the queue leads to nothing.")
      _ = try await bench.queue.finish([lease.authority])
    }
    try await bench.expectEmpty("The job is done.")
  }

  private static let isMissed = SeamCheck("a callback that does not come is due at its time") { bench in
    let (job, _) = try await bench.startAwaiting()
    bench.time.advance(by: SeamBench.patience)
    let lease = try await bench.leaseOne()
    let loaded = try require(try await bench.load(lease), "It is there to be settled.")
    try expect(loaded.standing.awaitsCallback, is: true, "Whoever leases it sees that it waits.")
    let late = try await bench.answer(to: job)
    try await bench.settle([lease], .timedOut(Failure(.deadline, "callback_missed", "None came.")))
    try expect(try await bench.settleOnly(late), is: .ended, "An answer after that is too late.")
    try expect(try await bench.state(of: job), is: .timedOut, "It has run out of time.")
    try await bench.expectEmpty("The job is dead.")
  }

  private static let losesPushes = SeamCheck("a lost push moves the fence and not the wait", scenarios: [3]) { bench in
    let job = try await bench.startOne()
    let lease = try await bench.leaseOne()
    try expect(
      try await bench.settleOnly(lease, .awaiting(within: SeamBench.patience)), is: .settled, "It waits.")
    let dueAt = try await bench.standing(of: job).dueAt
    _ = try await bench.queue.finish([lease.authority])
    bench.time.advance(by: .seconds(60))
    try await bench.reconcile()
    let standing = try await bench.standing(of: job)
    try expect(standing.awaitsCallback, is: true, "It waits still.")
    try expect(standing.dueAt, is: dueAt, "Until the same time.")
    bench.time.advance(by: SeamBench.patience)
    try expect(try await bench.leaseOne().authority.fence, is: standing.fence, "Then it is leased.")
  }

  private static let losesTheQueue = SeamCheck("an emptied queue is told of what waits for a callback", scenarios: [16])
  { bench in
    let (job, _) = try await bench.startAwaiting()
    let fence = try await bench.standing(of: job).fence
    try await bench.changeEpoch()
    try expect(try await bench.standing(of: job).fence, is: fence, "Nobody had begun it: the fence stays.")
    try expect(try await bench.lease(9), is: [], "It is not due.")
    bench.time.advance(by: SeamBench.patience)
    try expect(try await bench.leaseOne().authority.job, is: job, "Then it is leased.")
  }

  private static let losesTheLease = SeamCheck("who dies over a missed callback leaves it to be found", scenarios: [1])
  { bench in
    let (job, _) = try await bench.startAwaiting()
    bench.time.advance(by: SeamBench.patience)
    _ = try await bench.leaseOne()
    bench.time.advance(by: .seconds(60))
    try expect(try await bench.reap(), is: [.raised], "It is reissued.")
    try expect(try await bench.standing(of: job).awaitsCallback, is: true, "It waits still.")
    let lease = try await bench.leaseOne()
    try expect(try await bench.settle([lease], .again(after: .zero)), is: [.settled], "The next one settles.")
    try expect(try await bench.state(of: job), is: .queued, "It is tried again.")
  }
}

extension SeamBench {
  /// How long these checks wait for a callback.
  fileprivate static let patience = Duration.seconds(600)

  /// Starts a job whose attempt waits for a callback.
  fileprivate func startAwaiting() async throws -> (JobID, Lease) {
    let job = try await startOne()
    return (job, try await work(.awaiting(within: Self.patience)))
  }

  /// What allows an answer to write: nobody has leased it.
  fileprivate func answer(to job: JobID) async throws -> Lease {
    let authority = Authority(
      job: job, epoch: try await store.epoch(), fence: try await standing(of: job).fence,
      holder: Holder(environment.id()))
    return Lease(authority: authority, queue: .standard, length: .zero)
  }
}
