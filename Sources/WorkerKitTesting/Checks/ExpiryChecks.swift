internal import WorkerKit

extension SeamCheck {
  /// Leases that run out.
  static let expiry = [
    neverGrantsAgain, stalledHolderComesLate, stalledHolderComesFirst, killedBeforeFinish, reissuesOnce, reapsTogether,
    convictsNobody,
  ]

  private static let neverGrantsAgain = SeamCheck(
    "a lease that ran out is reported and never granted again", scenarios: [1]
  ) {
    bench in
    let wanted = try await bench.start(3)
    let leases = try await bench.lease(2)
    bench.time.advance(by: SeamBench.leaseLength)
    let third = try await bench.leaseOne()
    try expect(third.authority.job, is: wanted[2].jobs[0], "Only what was never granted is granted.")
    let lost = leases.map(\.authority)
    try expect(Set(try await bench.queue.expired(limit: 9)), is: Set(lost), "Both that ran out are reported.")
    try expect(try await bench.queue.expired(limit: 1).count, is: 1, "No more are reported than asked for.")
    try expect(Set(try await bench.queue.expired(limit: 9)), is: Set(lost), "They are reported until they are seen to.")
    bench.time.advance(by: .seconds(3600))
    try expect(try await bench.lease(9), is: [], "An hour later they are still not granted.")
    let known = try await bench.queue.known(lost.map(\.claim))
    try expect(known, is: leases.map { .leased($0.authority.holder) }, "They are still known as leased.")
  }

  private static let stalledHolderComesLate = SeamCheck(
    "a holder that stalled settles nothing after the next", scenarios: [1]
  ) {
    bench in
    let job = try await bench.startOne()
    let stalled = try await bench.leaseOne()
    bench.time.advance(by: SeamBench.leaseLength)
    try expect(try await bench.reap(), is: [.raised], "The store raises the fence.")
    let next = try await bench.work()
    try expect(next.authority.fence, is: .first.raised, "The next holder has a new fence.")
    try expect(try await bench.settleOnly(stalled, .broken), is: .ended, "The stalled holder comes too late.")
    let standing = try await bench.standing(of: job)
    try expect(standing.state, is: .succeeded, "What the next holder settled stands.")
    try expect(standing.losses, is: 1, "The loss is counted.")
    try expect(standing.attempts, is: 1, "The loss spends no attempt.")
  }

  private static let stalledHolderComesFirst = SeamCheck(
    "a holder that stalled may settle until its job is reissued", scenarios: [1]
  ) {
    bench in
    _ = try await bench.startOne()
    let stalled = try await bench.leaseOne()
    bench.time.advance(by: .seconds(60))
    try expect(try await bench.settleOnly(stalled), is: .settled, "Nobody else has the job yet.")
    try await bench.reap()
    try expect(try await bench.lease(9), is: [], "The job is not run again.")
    try await bench.expectEmpty("The job has ended.")
  }

  private static let killedBeforeFinish = SeamCheck("a job settled but not finished is not run again", scenarios: [1]) {
    bench in
    let job = try await bench.startOne()
    let lease = try await bench.leaseOne()
    try expect(try await bench.settleOnly(lease), is: .settled, "The host settles, and is killed.")
    bench.time.advance(by: SeamBench.leaseLength)
    try expect(try await bench.lease(9), is: [], "The queue does not grant it again.")
    let answers = try await bench.reap()
    try expect(answers, is: bench.store.movesQueue ? [] : [.ended], "The store says that it has ended.")
    try expect(try await bench.lease(9), is: [], "It is not pushed again.")
    try expect(try await bench.standing(of: job).fence, is: .first, "Its fence stays.")
    try await bench.expectEmpty("The job has ended.")
  }

  private static let reissuesOnce = SeamCheck("a fence is raised only from the one that is named", scenarios: [3]) {
    bench in
    let job = try await bench.startOne()
    let lease = try await bench.leaseOne()
    try expect(try await bench.begin(lease), is: .kept, "The attempt begins.")
    bench.time.advance(by: SeamBench.leaseLength)
    let lost = FencedJob(job: job, fence: .first)
    let result = try await bench.store.reissue([lost, lost], because: .lost)
    try expect(result.answers, is: [.raised, .moved], "The second finds the fence raised.")
    try await bench.deliver(result.handoff)
    let standing = try await bench.standing(of: job)
    try expect(standing.fence, is: .first.raised, "The fence is raised once.")
    try expect(standing.state, is: .queued, "The job waits again.")
    try expect(standing.holder, is: nil, "Nobody holds it.")
    try expect(standing.losses, is: 1, "The loss is counted once.")
    let history = try await bench.store.attempts(of: job)
    try expect(history.map(\.outcome), is: ["lost"], "History has the loss.")
    try expect(history.first?.holder, is: lease.authority.holder, "It names the holder that had begun.")
    try await bench.work()
    let late = try await bench.store.reissue([FencedJob(job: job, fence: .first.raised)], because: .lost)
    try expect(late.answers, is: [.ended], "A job that has ended stays so.")
    try expect(late.handoff, is: nil, "There is nothing to push.")
  }

  private static let convictsNobody = SeamCheck(
    "leases lost without a witness are losses and no failures, however many", scenarios: [17]
  ) { bench in
    let jobs = try await bench.start(64).flatMap(\.jobs)
    for round in 1...5 {
      let leases = try await bench.leaseAll(64)
      // Those that had begun are no more suspect than the others.
      for lease in leases.prefix(32) { try expect(try await bench.begin(lease), is: .kept, "The attempt begins.") }
      bench.time.advance(by: SeamBench.leaseLength)
      try expect(try await bench.reap().count { $0 == .raised }, is: 64, "All go back, in round \(round).")
    }
    try expect(try await bench.store.deadLetterCount(), is: 0, "None is a dead letter.")
    let leases = try await bench.leaseAll(64)
    for lease in leases {
      let job = try require(try await bench.load(lease), "It is worked on as before.")
      try expect(job.standing.attempts, is: 0, "A loss spends no attempt.")
      try expect(job.standing.losses, is: 5, "Each loss is counted.")
      try expect(job.failure, is: nil, "Nothing is said to have gone wrong.")
    }
    try expect(try await bench.settle(leases).allSatisfy { $0 == .settled }, "All succeed in the end.")
    let history = try await bench.store.attempts(of: jobs[0]).map(\.outcome)
    try expect(history, is: Array(repeating: "lost", count: 5) + ["succeeded"], "History tells the losses.")
    try await bench.expectEmpty("All have ended.")
  }

  private static let reapsTogether = SeamCheck("two who reap at once raise each fence once", scenarios: [1, 3]) {
    bench in
    let jobs = try await bench.start(40).flatMap(\.jobs)
    _ = try await bench.lease(40)
    bench.time.advance(by: SeamBench.leaseLength)
    let raised = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<2 { group.addTask { try await bench.reap().count { $0 == .raised } } }
      return try await group.reduce(0, +)
    }
    try expect(raised, is: 40, "Each is raised by one of them.")
    let leases = try await bench.lease(100)
    try expect(Set(leases.map(\.authority.job)), is: Set(jobs), "Each can be leased again.")
    try expect(leases.allSatisfy { $0.authority.fence == .first.raised }, "Each has the next fence.")
    try expect(leases.count, is: 40, "None is leased twice.")
  }
}
