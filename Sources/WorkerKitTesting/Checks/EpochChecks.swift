internal import WorkerKit

extension SeamCheck {
  /// A queue that lost its memory, and is filled again.
  static let epochs = [
    opensOnce, refillsAll, marksItsOwnEpoch, refillKeepsDelay, freesBoundJobs, countsAttemptsInTheStore,
  ]

  private static let opensOnce = SeamCheck("a queue forgets when a new epoch is opened, and only then", scenarios: [2])
  {
    bench in
    let job = FencedJob(job: try await bench.startOne(), fence: .first)
    let epoch = try await bench.store.epoch()
    try await bench.queue.open(epoch)
    try expect(try await bench.queue.known([job]), is: [.waiting], "Opening the same epoch forgets nothing.")
    let next = try await bench.store.advanceEpoch()
    try expect(next, is: epoch.raised, "The next epoch is one more.")
    try expect(try await bench.store.epoch(), is: next, "The store keeps it.")
    try await bench.queue.open(next)
    try expect(try await bench.queue.isOpen(in: next), is: true, "The queue is in the next epoch.")
    try expect(try await bench.queue.known([job]), is: [.unknown], "Opening the next epoch forgets everything.")
    try expect(try await bench.lease(9), is: [], "There is nothing to lease.")
    try await bench.deliver(bench.store.refill(in: next, after: nil, limit: 9).handoff)
    // A queue may refuse to go back with an error, or pass over it.
    do { try await bench.queue.open(epoch) } catch is DriverError {}
    try expect(try await bench.queue.known([job]), is: [.waiting], "An epoch that has passed cannot be opened.")
    let lease = try await bench.leaseOne()
    try expect(lease.authority.epoch, is: next, "Leases are of the newest epoch.")
    try expect(lease.authority.fence, is: .first, "A job that nobody began keeps its fence.")
    try expect(try await bench.settle([lease]), is: [.settled], "The holder settles.")
  }

  private static let refillsAll = SeamCheck("an emptied queue is filled with every live job, once", scenarios: [2, 16])
  {
    bench in
    let jobs = try await bench.start(30).flatMap(\.jobs)
    let leases = try await bench.lease(12)
    try expect(leases.map(\.authority.job), is: Array(jobs.prefix(12)), "Twelve are leased.")
    try await bench.settle(Array(leases[0..<3]))
    try await bench.settle(Array(leases[3..<5]), .broken)
    try await bench.settle([leases[5]], .parked(waitingFor: "worker"))
    try await bench.settle(Array(leases[6..<8]), .again(after: .seconds(5)))
    try expect(try await bench.begin(leases[8]), is: .kept, "One attempt has begun.")
    let handoffs = try await bench.changeEpoch(page: 7)
    let live = Array(jobs[6...])
    if !bench.store.movesQueue {
      try expect(handoffs.allSatisfy { $0.entries.count <= 7 }, "No page is longer than asked for.")
      let named = handoffs.flatMap(\.entries).map(\.job)
      try expect(named, is: live, "The pages name each live job once, in order of id.")
    }
    bench.time.advance(by: .seconds(5))
    let again = try await bench.leaseAll(live.count)
    try expect(Set(again.map(\.authority.job)), is: Set(live), "Every live job can be leased.")
    let answers = try await bench.settle(again)
    try expect(answers.allSatisfy { $0 == .settled }, "Every one settles under its new lease.")
    let late = try await bench.store.settle(leases[8...].map { bench.settlement($0, .broken) }, plan: Plans.ending)
    try expect(late.answers.allSatisfy { $0 == .ended }, "The leases of the old epoch are void.")
    try await bench.expectEmpty("All but the parked job have ended.")
  }

  private static let marksItsOwnEpoch = SeamCheck(
    "a filling that another epoch overtakes marks nothing as filled", scenarios: [2, 3]
  ) { bench in
    let jobs = try await bench.start(5).flatMap(\.jobs)
    let old = try await bench.store.advanceEpoch()
    try await bench.queue.open(old)
    let first = try await bench.store.refill(in: old, after: nil, limit: 2)
    try await bench.deliver(first.handoff)
    try expect(first.next, is: jobs[1], "There is more to fill.")
    let next = try await bench.store.advanceEpoch()
    for cursor in [first.next, nil] {
      let page = try await bench.store.refill(in: old, after: cursor, limit: 9)
      try expect(page.handoff == nil && page.next == nil, is: true, "The old filling has nothing more to do.")
      try expect(try await bench.store.isFilled(), is: false, "The new epoch is not filled by it.")
    }
    try await bench.queue.open(next)
    try expect(try await bench.lease(9), is: [], "Nobody has filled the queue yet.")
    let page = try await bench.store.refill(in: next, after: nil, limit: 9)
    try await bench.deliver(page.handoff)
    try expect(try await bench.store.isFilled(), is: true, "Its own filling marks it.")
    try expect(Set(try await bench.lease(9).map(\.authority.job)), is: Set(jobs), "Every job is there.")
  }

  private static let refillKeepsDelay = SeamCheck("a refilled job keeps its time", scenarios: [5, 19]) { bench in
    let job = try await bench.startOne()
    try await bench.work(.again(after: .seconds(60)))
    bench.time.advance(by: .seconds(20))
    try await bench.changeEpoch()
    bench.time.advance(by: .milliseconds(39_990))
    try expect(try await bench.lease(9), is: [], "Its time has not come.")
    bench.time.advance(by: .milliseconds(10))
    try expect(try await bench.lease(9).map(\.authority.job), is: [job], "Its time is what it was.")
  }

  private static let freesBoundJobs = SeamCheck("a job begun in an old epoch can be run in the next", scenarios: [2]) {
    bench in
    let job = try await bench.startOne()
    let old = try await bench.leaseOne()
    try expect(try await bench.begin(old), is: .kept, "The old holder is bound.")
    try await bench.changeEpoch()
    try expect(try await bench.settleOnly(old), is: .stale, "The old holder settles nothing.")
    try expect(try await bench.begin(old), is: .stale, "The old holder begins nothing.")
    let new = try await bench.leaseOne()
    try expect(try await bench.load(new)?.id, is: job, "The new holder may work.")
    try expect(try await bench.begin(new), is: .kept, "The new holder is bound.")
    try expect(try await bench.settle([new]), is: [.settled], "The new holder settles.")
    try expect(try await bench.standing(of: job).attempts, is: 1, "The lost attempt is not spent.")
  }

  private static let countsAttemptsInTheStore = SeamCheck(
    "a wiped queue gives no job its attempts back", scenarios: [5]
  ) {
    bench in
    let job = try await bench.startOne()
    var executions = 0
    while executions < 10, let lease = try await bench.lease(1).first {
      let loaded = try require(try await bench.load(lease), "The job is loaded.")
      executions += 1
      let isLast = loaded.standing.attempts + 1 >= 3
      try await bench.settle([lease], isLast ? .broken : .again(after: .zero))
      try await bench.changeEpoch()
    }
    try expect(executions, is: 3, "Three attempts are three, however often the queue is wiped.")
    let standing = try await bench.standing(of: job)
    try expect(standing.state, is: .failed, "The job is dead.")
    try expect(standing.attempts, is: 3, "Its attempts are spent.")
    try expect(try await bench.store.attempts(of: job).map(\.attempt), is: [1, 2, 3], "History counts them.")
  }
}
