internal import WorkerKit

extension SeamCheck {
  /// What a person on call asks before cancelling and replaying.
  static let onCall = [filtersByWorker, filtersByCause, filtersByEnd, keepsAudit, tellsOutdated, prunesCancelled]

  private static let filtersByWorker = SeamCheck("jobs are found by worker") { bench in
    let job = try await bench.startOne(worker: "checks.one")
    _ = try await bench.startOne(worker: "checks.other")
    try expect(try await bench.store.jobs(JobFilter(worker: "checks.one")).map(\.id), is: [job], "One of two.")
    try expect(try await bench.store.jobs(JobFilter(worker: "checks.none")), is: [], "Nobody works so.")
  }

  private static let filtersByCause = SeamCheck("jobs are found by the fingerprint of their failure") { bench in
    try await bench.start(2)
    let leases = try await bench.leaseAll(2)
    let busy = Failure(.permanent, "busy", "Shelf 17 is 'red'.")
    try await bench.settle([leases[0]], .failed(busy))
    try await bench.settle([leases[1]], .failed(Failure(.permanent, "broken", "It's broken.")))
    let retried = try await bench.startOne()
    try await bench.work(.retry(Failure(.permanent, "busy", "Shelf 4 is 'blue'."), after: .seconds(1)))
    let cause = Fingerprint(of: busy, in: "checks.work")
    let all = try await bench.store.jobs(JobFilter(fingerprint: cause))
    try expect(all.map(\.id), is: [retried, leases[0].authority.job], "Both failed for the same cause.")
    let dead = try await bench.store.jobs(JobFilter(states: [.failed, .timedOut], fingerprint: cause))
    try expect(dead.map(\.id), is: [leases[0].authority.job], "One of them for good.")
    let elsewhere = Fingerprint(of: busy, in: "checks.other")
    try expect(try await bench.store.jobs(JobFilter(fingerprint: elsewhere)), is: [], "Another worker's is another.")
  }

  private static let filtersByEnd = SeamCheck("jobs are found by when they ended") { bench in
    var jobs: [JobID] = []
    let start = bench.time.now
    for _ in 0..<3 {
      bench.time.advance(by: .seconds(10))
      jobs.append(try await bench.startOne())
      try await bench.work(.broken)
    }
    let end = try require(try await bench.standing(of: jobs[1]).finishedAt, "The second has ended.")
    var filter = JobFilter()
    filter.endedFrom = end
    try expect(try await bench.store.jobs(filter).map(\.id), is: [jobs[2], jobs[1]], "From then on.")
    filter.endedBefore = end
    try expect(try await bench.store.jobs(filter), is: [], "The end is not within.")
    filter.endedFrom = start
    try expect(try await bench.store.jobs(filter).map(\.id), is: [jobs[0]], "Before it.")
  }

  private static let keepsAudit = SeamCheck("who cancelled and replayed a job, and why, is kept") { bench in
    let job = try await bench.startOne()
    try await bench.work(.broken)
    try await bench.deliver(bench.store.replay([bench.click(on: job, under: .first)], next: Plans.ending).handoff)
    let wish = CancelRequest(.job(job), by: "bob", reason: "Nobody wants it.")
    _ = try await bench.store.cancel([wish], next: Plans.ending)
    let replayed = AuditRecord(
      at: bench.time.now, by: "ann", action: .replay, fence: .first, reason: "The cause is mended.")
    let cancelled = AuditRecord(
      at: bench.time.now, by: "bob", action: .cancel, fence: .first.raised, reason: "Nobody wants it.")
    try expect(try await bench.store.audit(of: job), is: [replayed, cancelled], "Both, in order.")
    try expect(try await bench.store.audit(of: JobID(bench.environment.id())), is: [], "Nobody did anything else.")
  }

  private static let tellsOutdated = SeamCheck("a preview tells what a replay would call superseded") { bench in
    let window = { (value: Int64) in
      JobOrdering(window: .init(key: "k", quiet: .zero, maxWait: .zero, value: .integer(value)))
    }
    let old = try await bench.arrive(window(1))
    try await bench.work(.broken)
    try expect(try await bench.store.outdated([old]), is: [], "Nothing newer is there.")
    try await bench.arrive(window(2))
    try await bench.work()
    let other = try await bench.startOne()
    try await bench.work(.broken)
    let unknown = JobID(bench.environment.id())
    try expect(try await bench.store.outdated([old, other, unknown]), is: [old], "Its work is out of date.")
    let answers = try await bench.store.replay([bench.click(on: old, under: .first)], next: Plans.ending).answers
    try expect(answers, is: [.superseded], "As the replay says.")
  }

  private static let prunesCancelled = SeamCheck("cancelled runs leave by age") { bench in
    let wanted = try await bench.start()[0]
    let wish = CancelRequest(.run(wanted.run), by: "ann", reason: "No.")
    _ = try await bench.store.cancel([wish], next: Plans.ending)
    let policy = RetentionPolicy()
    bench.time.advance(by: policy.finishedRuns + .seconds(1))
    _ = try await bench.store.prune(policy, limit: 10)
    try expect(try await bench.store.run(wanted.run), is: nil, "The run has left.")
    try expect(try await bench.store.job(wanted.jobs[0]), is: nil, "Its job as well.")
  }
}
