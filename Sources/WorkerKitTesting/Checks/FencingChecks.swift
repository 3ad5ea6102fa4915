internal import WorkerKit

extension SeamCheck {
  /// Who may write.
  static let fencing = [bindsHolder, loadsOnlyOwn, refusesOldFence, refusesOldEpoch, settlesWithoutBeginning]

  private static let bindsHolder = SeamCheck("the first durable write binds the holder", scenarios: [2]) { bench in
    let job = try await bench.startOne()
    let lease = try await bench.leaseOne()
    let other = bench.otherHolder(of: lease)
    try expect(try await bench.load(other)?.id, is: job, "Before anybody wrote, both may load.")
    try expect(try await bench.begin(lease), is: .kept, "The first to write is bound.")
    let standing = try await bench.standing(of: job)
    try expect(standing.state, is: .running, "The job runs.")
    try expect(standing.holder, is: lease.authority.holder, "Its holder is known.")
    try expect(standing.startedAt, is: bench.time.now, "Its start is known.")
    try expect(try await bench.begin(lease), is: .kept, "The holder may write again.")
    try expect(try await bench.load(other) == nil, "The second holder loads nothing.")
    try expect(try await bench.begin(other), is: .stale, "The second holder begins nothing.")
    try expect(try await bench.settleOnly(other), is: .stale, "The second holder settles nothing.")
    try expect(try await bench.settle([lease]), is: [.settled], "The first settles.")
    try expect(try await bench.begin(lease), is: .stale, "Nobody writes after the end.")
  }

  private static let loadsOnlyOwn = SeamCheck("a lease loads its job only while it is its own", scenarios: [1, 4]) {
    bench in
    let job = try await bench.startOne()
    let lease = try await bench.leaseOne()
    let loaded = try require(try await bench.load(lease), "The job is loaded.")
    try expect(loaded, is: try await bench.store.job(job), "It is the job as it is kept.")
    try expect(loaded.input, is: .resolved(Array("{}".utf8)), "It has its input.")
    let epoch = lease.authority.epoch
    for (what, wrong) in [
      ("job", Authority(job: JobID(bench.environment.id()), epoch: epoch, fence: .first, holder: "h")),
      ("fence", Authority(job: job, epoch: epoch, fence: .first.raised, holder: "h")),
      ("epoch", Authority(job: job, epoch: epoch.raised, fence: .first, holder: "h")),
    ] {
      let wrong = Lease(authority: wrong, queue: .standard, length: SeamBench.leaseLength)
      try expect(try await bench.load(wrong) == nil, "A wrong \(what) loads nothing.")
    }
    _ = try await bench.settle([lease], .again(after: .seconds(10)))
    let early = bench.forgottenLease(
      of: QueueEntry(job: job, fence: .first.raised, queue: .standard), epoch: epoch)
    guard case .notDue(let wait)? = try await bench.store.load([early]).first else {
      throw CheckFailure("A job whose time has not come is not loaded.")
    }
    try expect(wait, is: .seconds(10), "The store says how long to wait.")
    bench.time.advance(by: .seconds(10))
    try await bench.work()
    try expect(try await bench.load(early) == nil, "A job that has ended is not loaded.")
  }

  private static let refusesOldFence = SeamCheck("an old fence is refused on every verb", scenarios: [1]) { bench in
    let job = try await bench.startOne()
    let old = try await bench.leaseOne()
    bench.time.advance(by: SeamBench.leaseLength)
    try await bench.reap()
    let new = try await bench.leaseOne()
    try await bench.expectRefused(old, whileHolds: new)
    try expect(try await bench.settle([new]), is: [.settled], "The new holder settles.")
    try expect(try await bench.settleOnly(old), is: .ended, "The old holder is told that the job has ended.")
    try expect(try await bench.store.attempts(of: job).map(\.outcome), is: ["lost", "succeeded"], "History has both.")
  }

  private static let refusesOldEpoch = SeamCheck("an old epoch is refused on every verb", scenarios: [2]) { bench in
    let wanted = bench.wanted()
    let handoff = try await bench.commit(wanted).handoff
    try await bench.deliver(handoff)
    let old = try await bench.leaseOne()
    try await bench.changeEpoch()
    if let handoff {
      try expect(try await bench.queue.push(handoff), is: [.refused], "A handoff of the old epoch is refused.")
    }
    try expect(try await bench.queue.renew([old]), is: [.lost], "A waiting job is not adopted by an old lease.")
    let new = try await bench.leaseOne()
    try expect(new.authority.epoch, is: try await bench.store.epoch(), "A new lease is of the new epoch.")
    try await bench.expectRefused(old, whileHolds: new)
    try expect(try await bench.settle([new]), is: [.settled], "The new holder settles.")
  }

  private static let settlesWithoutBeginning = SeamCheck(
    "of two who never began, the first to settle wins", scenarios: [2]
  ) {
    bench in
    _ = try await bench.startOne()
    let lease = try await bench.leaseOne()
    let other = bench.otherHolder(of: lease)
    let answers = try await withThrowingTaskGroup(of: SettleAnswer?.self) { group in
      group.addTask { try await bench.settleOnly(lease) }
      group.addTask { try await bench.settleOnly(other) }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    try expect(answers.count { $0 == .settled }, is: 1, "One of them settles.")
    try expect(answers.count { $0 == .ended }, is: 1, "The other is told that the job has ended.")
  }
}

extension SeamBench {
  /// Expects that every verb refuses `old`, and that nothing of it disturbs `new`.
  func expectRefused(_ old: Lease, whileHolds new: Lease) async throws {
    try expect(try await load(old) == nil, "The old holder loads nothing.")
    try expect(try await begin(old), is: .stale, "The old holder begins nothing.")
    try expect(try await settleOnly(old), is: .stale, "The old holder settles nothing.")
    try expect(try await queue.renew([old]), is: [.lost], "The old holder renews nothing.")
    try expect(try await queue.finish([old.authority]), is: [.held], "The old holder removes nothing.")
    let job = FencedJob(job: new.authority.job, fence: new.authority.fence)
    try expect(try await queue.known([job]), is: [.leased(new.authority.holder)], "The new holder has the job.")
    try expect(try await load(new)?.id, is: new.authority.job, "The new holder may work.")
  }
}
