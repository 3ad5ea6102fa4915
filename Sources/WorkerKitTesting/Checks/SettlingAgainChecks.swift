internal import WorkerKit

extension SeamCheck {
  /// Settling what was settled: answers get lost.
  static let settlingAgain = [
    endsAgain, retriesAgain, settlesTwiceInABatch, answersAfterEpochChange, lossIsNoSettlement,
  ]

  private static let endsAgain = SeamCheck(
    "an end settled again has the same answer and no second successor", scenarios: [14]
  ) {
    bench in
    try await bench.start(stages: ["a", "b"])
    let leases = try await bench.leaseAll(2)
    let plan = Plans.joining(bench.environment)
    try await bench.settle([leases[0]], plan: plan)
    for _ in 0..<3 {
      try expect(try await bench.settleOnly(leases[1], plan: plan), is: .settled, "The same is answered again.")
    }
    try expect(try await bench.store.jobs(JobFilter(stage: "join")).count, is: 1, "There is one successor.")
    let attempts = try await bench.store.attempts(of: leases[1].authority.job)
    try expect(attempts.count, is: 1, "History has one attempt.")
    try expect(try await bench.standing(of: leases[1].authority.job).attempts, is: 1, "One attempt is spent.")
    let other = bench.otherHolder(of: leases[1])
    try expect(try await bench.settleOnly(other, .broken), is: .ended, "Another holder is told that it has ended.")
    try expect(try await bench.standing(of: leases[1].authority.job).state, is: .succeeded, "The end stands.")
  }

  private static let retriesAgain = SeamCheck("a retry settled again raises no second fence", scenarios: [14]) {
    bench in
    let job = try await bench.startOne()
    let lease = try await bench.leaseOne()
    for _ in 0..<3 {
      let answer = try await bench.settleOnly(lease, .again(after: .seconds(1)))
      try expect(answer, is: .settled, "The same is answered again.")
    }
    let standing = try await bench.standing(of: job)
    try expect(standing.fence, is: .first.raised, "The fence is raised once.")
    try expect(standing.attempts, is: 1, "One attempt is spent.")
    let other = bench.otherHolder(of: lease)
    try expect(try await bench.settleOnly(other), is: .stale, "Another holder of the old fence is stale.")
  }

  private static let settlesTwiceInABatch = SeamCheck(
    "a settlement that comes twice in one batch counts once", scenarios: [14]
  ) {
    bench in
    let job = try await bench.startOne()
    let lease = try await bench.leaseOne()
    let settlement = bench.settlement(lease, .again(after: .zero))
    let result = try await bench.store.settle([settlement, settlement], plan: Plans.ending)
    try expect(result.answers, is: [.settled, .settled], "Both have the same answer.")
    try expect(try await bench.standing(of: job).attempts, is: 1, "One attempt is spent.")
    try await bench.deliver(result.handoff)
    try expect(try await bench.lease(9).count, is: 1, "The job is queued once.")
  }

  private static let answersAfterEpochChange = SeamCheck(
    "what was settled stays settled after epoch change and replay", scenarios: [14]
  ) { bench in
    let job = try await bench.startOne()
    let lease = try await bench.leaseOne()
    try expect(try await bench.settleOnly(lease, .broken), is: .settled, "The only holder settles.")
    try await bench.changeEpoch()
    try expect(try await bench.settleOnly(lease, .broken), is: .settled, "The epoch does not matter any more.")
    let request = ReplayRequest(job: job, fence: .first, by: "ann", reason: "mended")
    try await bench.deliver(bench.store.replay([request], next: Plans.ending).handoff)
    try expect(try await bench.settleOnly(lease, .broken), is: .settled, "Nor does a replay.")
    try expect(try await bench.standing(of: job).state, is: .queued, "The replayed job is not ended by it.")
  }

  private static let lossIsNoSettlement = SeamCheck("a lost lease is not a settlement", scenarios: [14, 1]) { bench in
    let job = try await bench.startOne()
    let lease = try await bench.leaseOne()
    try expect(try await bench.begin(lease), is: .kept, "The holder is written down.")
    bench.time.advance(by: SeamBench.leaseLength)
    try expect(try await bench.reap(), is: [.raised], "The lease has run out.")
    try expect(try await bench.settleOnly(lease), is: .stale, "Its holder is too late.")
    try expect(try await bench.standing(of: job).state, is: .queued, "The job waits for the next.")
  }
}

extension SeamBench {
  /// The same lease in other hands: what a queue that went back in time would grant.
  func otherHolder(of lease: Lease) -> Lease {
    let authority = Authority(
      job: lease.authority.job, epoch: lease.authority.epoch, fence: lease.authority.fence,
      holder: Holder(rawValue: environment.id()))
    return Lease(authority: authority, queue: lease.queue, length: lease.length)
  }
}
