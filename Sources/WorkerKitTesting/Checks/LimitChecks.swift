internal import WorkerKit

extension SeamCheck {
  /// How many jobs of a key may be under way, and how many may start in a time.
  static let limits = [
    limitsConcurrency, freesSlotsOnRetry, freesSlotsOnLoss, freesSlotsOnCancel, countsAnewInEpoch, limitsRate,
    allowsBurst, raisesRate, keepsSeveralLimits, changesLimits, wakesForRate, wakesForSlot, waitingKeysDelayNobody,
  ]

  private static let two = QueueControls(version: 1, limits: ["slots": LimitRule(concurrency: 2)])
  private static func ten(burst: Int) -> QueueControls {
    QueueControls(version: 1, limits: ["rate": LimitRule(rate: Rate(10, per: .seconds(1), burst: burst))])
  }

  private static let limitsConcurrency = SeamCheck("no more jobs of a key are under way than its limit says") { bench in
    try await bench.queue.project(two)
    for _ in 0..<5 { try await bench.arrive(.flow(LimitKey("slots", "a"))) }
    var held = try await bench.lease(9)
    try expect(held.count, is: 2, "Two of the key are granted.")
    let other = try await bench.arrive(.flow(LimitKey("slots", "b")))
    try expect(try await bench.lease(9).map(\.authority.job), is: [other], "Another key has slots of its own.")
    try await bench.settle([held.removeFirst()])
    held += try await bench.lease(9)
    try expect(held.count, is: 2, "What ended made room for one.")
    try await bench.settle(held)
    try expect(try await bench.lease(9).count, is: 2, "Then come the last two.")
  }

  private static let freesSlotsOnRetry = SeamCheck("a job that backs off holds no slot") { bench in
    try await bench.queue.project(two)
    for _ in 0..<3 { try await bench.arrive(.flow(LimitKey("slots", "a"))) }
    let held = try await bench.lease(9)
    try await bench.settle([held[0]], .again(after: .seconds(10)))
    try expect(try await bench.lease(9).count, is: 1, "Its slot is another's.")
    bench.time.advance(by: .seconds(10))
    _ = try await bench.queue.renew([held[1]])
    try expect(try await bench.lease(9), is: [], "It waits for a slot in its turn.")
    try await bench.settle([held[1]])
    try expect(try await bench.lease(9).map(\.authority.job), is: [held[0].authority.job], "Then it has one.")
  }

  private static let freesSlotsOnLoss = SeamCheck("slots of leases that ran out are not lost", scenarios: [16]) {
    bench in
    try await bench.queue.project(two)
    for _ in 0..<4 { try await bench.arrive(.flow(LimitKey("slots", "a"))) }
    for _ in 0..<4 {
      try expect(try await bench.lease(9).count, is: 2, "Two at a time.")
      bench.time.advance(by: .seconds(16))
      try await bench.reap()
    }
    for _ in 0..<2 { try await bench.settle(try await bench.lease(9)) }
    try await bench.expectEmpty("All were done.")
  }

  private static let freesSlotsOnCancel = SeamCheck("a cancelled job's slot is free when its host has heard of it") {
    bench in
    try await bench.queue.project(two)
    for _ in 0..<3 { try await bench.arrive(.flow(LimitKey("slots", "a"))) }
    let held = try await bench.lease(9)
    try await bench.cancel([.job(held[0].authority.job)])
    _ = try await bench.queue.renew([held[0]])
    _ = try await bench.queue.finish([held[0].authority])
    try expect(try await bench.loadable(9).count, is: 1, "The third has its slot.")
  }

  private static let countsAnewInEpoch = SeamCheck("in a new epoch limits count anew", scenarios: [2, 16]) { bench in
    try await bench.queue.project(two)
    for _ in 0..<5 { try await bench.arrive(.flow(LimitKey("slots", "a"))) }
    _ = try await bench.lease(9)
    try await bench.changeEpoch(under: two)
    let held = try await bench.lease(9)
    try expect(held.count, is: 2, "Two of the new epoch.")
    try await bench.settle(held)
    try expect(try await bench.lease(9).count, is: 2, "Nothing of the old one is counted.")
  }

  private static let limitsRate = SeamCheck("no more jobs of a key start in a time than its limit says") { bench in
    try await bench.queue.project(ten(burst: 1))
    for _ in 0..<30 { try await bench.arrive(.flow(LimitKey("rate", "a"))) }
    bench.time.advance(by: .seconds(60))
    var started = try await bench.lease(9).count
    try expect(started, is: 1, "A rest allows no burst that was not asked for.")
    for _ in 0..<100 {
      bench.time.advance(by: .milliseconds(10))
      started += try await bench.lease(9).count
    }
    try expect((10...11).contains(started), "Ten start within a second; it was \(started).")
    try await bench.arrive(.flow(LimitKey("rate", "b")))
    try expect(try await bench.lease(9).count, is: 1, "Another key has a bucket of its own.")
  }

  private static let allowsBurst = SeamCheck("after a rest as many start at once as the burst says") { bench in
    try await bench.queue.project(ten(burst: 4))
    for _ in 0..<20 { try await bench.arrive(.flow(LimitKey("rate", "a"))) }
    bench.time.advance(by: .seconds(60))
    try expect(try await bench.lease(9).count, is: 4, "Four start at once.")
    try expect(try await bench.lease(9).count, is: 0, "Then the bucket is empty.")
    bench.time.advance(by: .milliseconds(200))
    try expect(try await bench.lease(9).count, is: 2, "It fills evenly.")
  }

  private static let raisesRate = SeamCheck("who has used up a slow rate does not wait for it once it is raised") {
    bench in
    let day = QueueControls(
      version: 1, limits: ["rate": LimitRule(rate: Rate(2, per: .seconds(86_400), burst: 2))])
    try await bench.queue.project(day)
    for _ in 0..<9 { try await bench.arrive(.flow(LimitKey("rate", "a"))) }
    try expect(try await bench.lease(9).count, is: 2, "Two for the day.")
    var raised = ten(burst: 2)
    raised.version = 2
    try await bench.queue.project(raised)
    try expect(try await bench.lease(9).count, is: 2, "A burst of the new rate.")
    try expect(try await bench.lease(9).count, is: 0, "And no more.")
    bench.time.advance(by: .milliseconds(100))
    try expect(try await bench.lease(9).count, is: 1, "Then one in each tenth of a second.")
  }

  private static let keepsSeveralLimits = SeamCheck("a job under several limits keeps them all") { bench in
    let controls = QueueControls(
      version: 1, limits: ["slots": LimitRule(concurrency: 2), "all": LimitRule(concurrency: 3)])
    try await bench.queue.project(controls)
    for key in ["a", "a", "a", "b", "b", "b"] {
      try await bench.arrive(.flow(by: key, LimitKey("slots", key), LimitKey("all", "")))
    }
    let held = try await bench.lease(9)
    try expect(held.count, is: 3, "Three in all.")
    try expect(try await bench.lease(9), is: [], "And no more.")
    try await bench.settle(held)
    let rest = try await bench.lease(9)
    try expect(rest.count, is: 3, "Then the others.")
  }

  private static let changesLimits = SeamCheck("a limit is changed while jobs wait", scenarios: [16]) { bench in
    try await bench.queue.project(two)
    for _ in 0..<9 { try await bench.arrive(.flow(LimitKey("slots", "a"))) }
    var held = try await bench.lease(9)
    try await bench.queue.project(QueueControls(version: 2, limits: ["slots": LimitRule(concurrency: 4)]))
    held += try await bench.lease(9)
    try expect(held.count, is: 4, "More are granted at once.")
    try await bench.queue.project(two)
    try await bench.settle([held.removeFirst()])
    held += try await bench.lease(9)
    try expect(held.count, is: 4, "What was in force before is not taken up again.")
    try await bench.queue.project(QueueControls(version: 3, limits: ["slots": LimitRule(concurrency: 1)]))
    try await bench.settle(Array(held.dropLast()))
    try expect(try await bench.lease(9), is: [], "None is granted while as many are under way.")
    try await bench.queue.project(QueueControls(version: 4))
    try expect(try await bench.lease(9).count, is: 4, "Without a limit all are granted.")
  }

  private static let wakesForRate = SeamCheck("a lease that waits gets what a rate lets through meanwhile") { bench in
    let minute = QueueControls(version: 1, limits: ["rate": LimitRule(rate: Rate(1, per: .seconds(60)))])
    try await bench.queue.project(minute)
    for _ in 0..<2 { try await bench.arrive(.flow(LimitKey("rate", "a"))) }
    try expect(try await bench.lease(9).count, is: 1, "One a minute.")
    let start = bench.time.monotonic
    let next = try await bench.whileTimePasses { try await bench.lease(wait: .seconds(600)) }
    let waited = bench.time.monotonic - start
    try expect(next.count, is: 1, "The next comes.")
    try expect(waited >= .seconds(59) && waited < .seconds(120), "It comes when it may.")
  }

  private static let wakesForSlot = SeamCheck("a lease that waits gets a slot that is freed meanwhile") { bench in
    try await bench.queue.project(two)
    for _ in 0..<3 { try await bench.arrive(.flow(LimitKey("slots", "a"))) }
    let held = try await bench.lease(9)
    let settleWhenAsleep: @Sendable () async throws -> Void = {
      try await bench.time.waitForSleepers()
      try await bench.settle([held[0]])
    }
    let next = try await bench.whileTimePasses(after: settleWhenAsleep) { try await bench.lease(wait: .seconds(600)) }
    try expect(next.count, is: 1, "Who waited gets the job.")
  }

  private static let waitingKeysDelayNobody = SeamCheck("keys at their limit delay no other") { bench in
    let one = QueueControls(version: 1, limits: ["slots": LimitRule(concurrency: 1)])
    try await bench.queue.project(one)
    for number in 0..<20 {
      for _ in 0..<2 { try await bench.arrive(.flow(LimitKey("slots", "key-\(number)"))) }
    }
    try expect(try await bench.lease(100).count, is: 20, "Each key has one under way.")
    let free = try await bench.arrive(JobOrdering())
    try expect(try await bench.lease(1).map(\.authority.job), is: [free], "What is not limited goes at once.")
    let other = try await bench.arrive(.flow(LimitKey("slots", "other")))
    try expect(try await bench.lease(1).map(\.authority.job), is: [other], "So does a key with a slot.")
  }
}
